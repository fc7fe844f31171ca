import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';

export interface Residue {
  readonly type: string;
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether AWS would go on asking money for it. */
  readonly costsMoney: boolean;
}

/** What is on the bill for merely being there. */
const BILLED = new Set([
  'AWS::EC2::EIP',
  'AWS::EC2::Instance',
  'AWS::EC2::Snapshot',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::Volume',
  'AWS::CloudWatch::Alarm',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
]);

const GONE = new Set(['terminated', 'deleting']);

/** Everything that exists now, of whatever origin, but for what is AWS's own or part of another thing. */
export function residueOf(world: World): Residue[] {
  world.clock.settle();
  return world.things
    .everything()
    .filter(({ isImplicit, state }) => isImplicit !== true && !GONE.has(state))
    .map(({ type, id, tags, properties }) => ({
      type,
      id,
      tags,
      costsMoney: isBilled({ type, properties }),
    }));
}

function isBilled({ type, properties }: Pick<Thing, 'type' | 'properties'>): boolean {
  // The doors to S3 are free, those with network cards are not.
  if (type === 'AWS::EC2::VPCEndpoint') return properties['VpcEndpointType'] === 'Interface';
  return BILLED.has(type);
}
