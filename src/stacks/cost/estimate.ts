import { LAYER_NAMES, type LayerName } from '../catalog.ts';
import { type CostLine, lineOf, totalOf } from './cost-line.ts';
import { linesOfEvents } from './event-lines.ts';
import { ASSUMED, type CostInput, HOURS_PER_MONTH, TEMPLATE, runsPerMonth } from './model.ts';
import { PRICES, priceOfServer } from './prices.ts';

export interface MonthlyEstimate {
  /** In the order of the catalog. */
  readonly lines: readonly CostLine[];
  /** US dollars a month, of the lines that have a price. */
  readonly total: number;
  /** False: a line has no price, so the total is too low. */
  readonly isComplete: boolean;
}

/**
 * What a stage costs in a month, on demand, in PRICE_REGION. Pure; nobody is asked.
 *
 * @param layers only these stacks: those that are deployed, or will be
 */
export function estimateMonthly(
  input: CostInput,
  layers: readonly LayerName[] = LAYER_NAMES,
): MonthlyEstimate {
  const wanted = new Set(layers.filter((layer) => layer !== 'web-db' || input.webDb));
  const lines = [
    ...linesOfNetwork(input),
    ...linesOfServer('warehouse', 'Warehouse', {
      type: input.warehouseInstanceType,
      volumeGb: input.warehouseVolumeGb,
      rowsGb: (input.eventsPerMonth * ASSUMED.warehouseBytesPerEvent) / 1e9,
    }),
    ...linesOfServer('web-db', 'Web database', {
      type: input.webDbInstanceType,
      volumeGb: input.webDbVolumeGb,
      rowsGb: 0,
    }),
    ...linesOfEtl(input),
    ...linesOfEvents(input.eventsPerMonth, input.eventsPerRequest),
  ]
    .filter(({ layer }) => wanted.has(layer))
    .toSorted((a, b) => LAYER_NAMES.indexOf(a.layer) - LAYER_NAMES.indexOf(b.layer));
  return { lines, total: totalOf(lines), isComplete: lines.every(({ usd }) => usd !== null) };
}

/** The lines that cost most, the most expensive first. */
export function largestLines({ lines }: MonthlyEstimate, count: number): readonly CostLine[] {
  return lines.toSorted((a, b) => (b.usd ?? 0) - (a.usd ?? 0)).slice(0, count);
}

function linesOfNetwork({ ec2Messages, webDb }: CostInput): CostLine[] {
  const doors = ec2Messages ? 3 : 2;
  const ofDoors = lineOf({
    id: 'doors',
    layer: 'network',
    title: 'Systems Manager doors',
    detail: `${doors} x ${HOURS_PER_MONTH} h`,
    price: PRICES.door,
    units: doors * HOURS_PER_MONTH,
  });
  const ofAddress = lineOf({
    id: 'web-db-address',
    layer: 'web-db',
    title: 'Public address',
    detail: `${HOURS_PER_MONTH} h`,
    price: PRICES.address,
    units: HOURS_PER_MONTH,
  });
  return webDb ? [ofDoors, ofAddress] : [ofDoors];
}

interface ServerUse {
  readonly type: string;
  readonly volumeGb: number;
  /** What is in its database after a month. */
  readonly rowsGb: number;
}

function linesOfServer(
  layer: 'warehouse' | 'web-db',
  name: string,
  { type, volumeGb, rowsGb }: ServerUse,
): CostLine[] {
  const price = priceOfServer(type);
  const about = { id: `${layer}-server`, layer, title: `${name} server` };
  const diskGb = volumeGb + TEMPLATE.systemDiskGb[layer];
  const usedGb = Math.min(volumeGb, ASSUMED.emptyVolumeGb + rowsGb) * ASSUMED.snapshotFactor;
  return [
    price === null
      ? {
          ...{ ...about, detail: `${type}, no price known`, usd: null },
          ...{ isConfirmed: false, growsWithEvents: false },
        }
      : lineOf({ ...about, detail: type, price, units: HOURS_PER_MONTH }),
    lineOf({
      id: `${layer}-disks`,
      layer,
      title: `${name} disks`,
      detail: `${diskGb} GB`,
      price: PRICES.volume,
      units: diskGb,
    }),
    lineOf({
      id: `${layer}-snapshots`,
      layer,
      title: `${name} snapshots`,
      detail: `${usedGb.toFixed(1)} GB in the first month`,
      price: PRICES.snapshot,
      units: usedGb,
      growsWithEvents: rowsGb > 0,
    }),
  ];
}

/** The ETL looks for new events, and is watched, whether there are any or not. */
function linesOfEtl({ schedule }: CostInput): CostLine[] {
  const runs = runsPerMonth(schedule);
  const layer = 'etl';
  return [
    lineOf({
      id: 'etl-runs',
      layer,
      title: 'Runs of the ETL',
      detail: `${Math.round(runs)} runs`,
      price: PRICES.lambdaTime,
      units: runs * ASSUMED.etlSecondsPerRun * TEMPLATE.etlMemoryGb,
    }),
    lineOf({
      id: 'etl-log',
      layer,
      title: 'Log of the ETL',
      detail: `${Math.round(runs)} runs`,
      price: PRICES.log,
      units: (runs * ASSUMED.etlLogBytesPerRun) / 1e9,
    }),
    lineOf({
      id: 'alarms',
      layer,
      title: 'Alarms',
      detail: String(TEMPLATE.alarms),
      price: PRICES.alarm,
      units: TEMPLATE.alarms,
    }),
    lineOf({
      id: 'metrics',
      layer,
      title: 'Metric of the age of data',
      detail: String(TEMPLATE.ownMetrics),
      price: PRICES.metric,
      units: TEMPLATE.ownMetrics,
    }),
  ];
}
