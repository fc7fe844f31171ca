import { HOURS_PER_MONTH, TEMPLATE } from '../../cost/model.ts';
import { PRICES, priceOfServer } from '../../cost/prices.ts';
import type { Leftover, LeftoverKind } from '../../ports/leftovers.ts';
import type { BucketContent, StackFact } from './inventory.ts';

const DOOR = PRICES.door.usd * HOURS_PER_MONTH;
const ADDRESS = PRICES.address.usd * HOURS_PER_MONTH;

/** What a stack costs while nothing happens, USD a month; 0 for a server of a size that we have no price of. */
export function monthlyCostOf({ layer, stack, resources }: StackFact): number {
  const costs = resources.map(({ type }) => {
    switch (type) {
      case 'AWS::EC2::Instance':
        return costOfServer(stack.parameters['InstanceType'] ?? '') + systemDiskOf(layer) * PRICES.volume.usd;
      case 'AWS::EC2::Volume':
        return Number(stack.parameters['DataVolumeGb'] ?? 0) * PRICES.volume.usd;
      case 'AWS::EC2::EIP':
        return ADDRESS;
      case 'AWS::CloudWatch::Alarm':
        return PRICES.alarm.usd;
      default:
        return 0;
    }
  });
  // The S3 door is free of charge, and the only one that is no interface.
  const doors = resources.filter(
    ({ type, logicalId }) => type === 'AWS::EC2::VPCEndpoint' && logicalId !== 'S3Endpoint',
  );
  return sum(costs) + doors.length * DOOR;
}

function costOfServer(type: string): number {
  return (priceOfServer(type)?.usd ?? 0) * HOURS_PER_MONTH;
}

function systemDiskOf(layer: string): number {
  return layer === 'warehouse' || layer === 'web-db' ? TEMPLATE.systemDiskGb[layer] : 0;
}

export function monthlyCostOfBucket({ bytes }: BucketContent): number {
  return (bytes / 1e9) * PRICES.storage.usd;
}

const LEFTOVER_PRICE: Readonly<Record<LeftoverKind, number>> = {
  'log-group': PRICES.logStorage.usd,
  parameter: 0,
  snapshot: PRICES.snapshot.usd,
};

/** For snapshots the most it can be: the volume's size, as if every block had been written. */
export function monthlyCostOfLeftover({ kind, gigabytes }: Pick<Leftover, 'kind' | 'gigabytes'>): number {
  return gigabytes * LEFTOVER_PRICE[kind];
}

/** By service and noun of an ARN, for what is left behind; null when it depends on its size. */
export function monthlyCostOfResidue(kind: string): number | null {
  if (kind === 'ec2:vpc-endpoint') return DOOR;
  if (kind === 'ec2:elastic-ip') return ADDRESS;
  if (kind === 'cloudwatch:alarm') return PRICES.alarm.usd;
  return BILLED_BY_SIZE.has(kind) ? null : 0;
}

const BILLED_BY_SIZE = new Set('ec2:instance ec2:snapshot ec2:volume logs:log-group s3'.split(' '));

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
