import type { LayerName } from '../catalog.ts';
import type { StackDescription } from '../ports/cloudformation.ts';
import { isStanding } from '../stack-status.ts';
import type { CostInput } from './model.ts';

/** What is deployed, as far as the bill is concerned. */
export interface Deployed {
  readonly layers: readonly LayerName[];
  readonly input: CostInput;
}

/**
 * What is paid for now: sizes come from the parameters of the stacks, not from the config file.
 *
 * @param settings for what no stack tells: the traffic
 */
export function readDeployed(
  stacks: ReadonlyMap<LayerName, StackDescription | null>,
  settings: CostInput,
): Deployed {
  const standing = new Map(
    [...stacks].flatMap(([layer, stack]) =>
      stack !== null && isStanding(stack.status) ? [[layer, stack.parameters] as const] : [],
    ),
  );
  const parameter = (layer: LayerName, name: string, fallback: string): string =>
    standing.get(layer)?.[name] ?? fallback;
  const gigabytes = (layer: LayerName, fallback: number): number => {
    const value = Number(parameter(layer, 'DataVolumeGb', String(fallback)));
    return Number.isFinite(value) ? value : fallback;
  };
  return {
    layers: [...standing.keys()],
    input: {
      eventsPerMonth: settings.eventsPerMonth,
      eventsPerRequest: settings.eventsPerRequest,
      warehouseInstanceType: parameter('warehouse', 'InstanceType', settings.warehouseInstanceType),
      warehouseVolumeGb: gigabytes('warehouse', settings.warehouseVolumeGb),
      webDb: standing.has('web-db'),
      webDbInstanceType: parameter('web-db', 'InstanceType', settings.webDbInstanceType),
      webDbVolumeGb: gigabytes('web-db', settings.webDbVolumeGb),
      ec2Messages: parameter('network', 'Ec2Messages', String(settings.ec2Messages)) === 'true',
      schedule: parameter('etl', 'ScheduleExpression', settings.schedule),
    },
  };
}
