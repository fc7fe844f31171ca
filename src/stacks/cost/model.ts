import type { Settings } from '../settings.ts';

/** What an estimate hangs on. */
export type CostInput = Pick<
  Settings,
  | 'warehouseInstanceType'
  | 'warehouseVolumeGb'
  | 'webDb'
  | 'webDbInstanceType'
  | 'webDbVolumeGb'
  | 'ec2Messages'
  | 'schedule'
  | 'eventsPerMonth'
  | 'eventsPerRequest'
>;

/** AWS's own month. */
export const HOURS_PER_MONTH = 730;

/** Facts of our templates. */
export const TEMPLATE = {
  /** Beside the data volume, each server has a disk for its system. */
  systemDiskGb: { warehouse: 10, 'web-db': 8 },
  alarms: 4,
  /** DataAgeSeconds, which the ETL writes into its log. */
  ownMetrics: 1,
  ingestMemoryGb: 256 / 1024,
  etlMemoryGb: 1769 / 1024,
  /** Of the look-back of a run: the hour itself, three later ones, and the second look of the load. */
  listingsOfAnObject: 5,
} as const;

/** What we assume of traffic; docs/cost.md has the reasons. */
export const ASSUMED = {
  rawBytesPerEvent: 1000,
  accessLogBytesPerRequest: 230,
  ingestSeconds: 0.05,
  etlSecondsPerRun: 3,
  etlSecondsPerObject: 0.0005,
  etlSecondsPerEvent: 0.00005,
  etlLogBytesPerRun: 3000,
  /** Row, index and rollups. */
  warehouseBytesPerEvent: 600,
  /** What an empty PostgreSQL takes of a volume. */
  emptyVolumeGb: 0.5,
  /** Seven daily snapshots hold what is used, and what changed between them. */
  snapshotFactor: 1.25,
} as const;

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const HOURS = { minute: 1 / 60, hour: 1, day: 24 } as const;

/** How often the ETL runs in a month; a cron expression counts as hourly. */
export function runsPerMonth(schedule: string): number {
  const [, count, unit] = RATE.exec(schedule) ?? [];
  return HOURS_PER_MONTH / (unit === undefined ? 1 : Number(count) * HOURS[unit as keyof typeof HOURS]);
}
