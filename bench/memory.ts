/**
 * Memory of `sbw etl backfill` over time: it must not grow with the number of events.
 *   npm run bench -- memory [--events 1000000]
 * The small load has a tenth of the events. One-event objects are measured up to --events / 10: their number, not
 * their size, is what could make memory grow.
 */
import { buildCommand, runCommand, type CommandRun } from './support/command.ts';
import { FIRST_HOUR_MS, type Filling } from './support/events.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';
import { BUCKET, startS3, type BenchS3 } from './support/s3.ts';
import { startWarehouse, type BenchWarehouse } from './support/warehouse.ts';
import { DAY_MS } from '../src/etl/time/partition.ts';

const MB = 1024 * 1024;
/** One hour at a time would hide what four at once hold. */
const HOURS = 10;
const SHOWN_SAMPLES = 10;

const { events } = readOptions({ events: 1_000_000, rounds: 1 });
const report = new BenchReport('memory', `resident memory of sbw etl backfill, up to ${events} events`);
await buildCommand();
const warehouse = await startWarehouse();
const s3 = await startS3();

for (const [shape, perObject, largest] of [
  ['NDJSON', 1000, events],
  ['one-event objects', 1, events / 10],
] as const) {
  const small = await loadInChild(s3, warehouse, largest / 10, perObject);
  const large = await loadInChild(s3, warehouse, largest, perObject);
  for (const [count, { peakBytes, samples, wallMs }] of [
    [largest / 10, small],
    [largest, large],
  ] as const) {
    const curve = evenly(samples).map((bytes) => Math.round(bytes / MB));
    report.addRatio(`${shape}, ${count}: peak`, peakBytes / MB, ' MB', { atMost: 200 });
    report.say(`  over ${(wallMs / 1000).toFixed(1)} s: ${curve.join(' ')} MB`);
  }
  report.addRatio(`${shape}: ten times the events`, large.peakBytes / small.peakBytes, 'x', { atMost: 1.2 });
}
report.finish();
await s3.stop();
await warehouse.close();

async function loadInChild(
  server: BenchS3,
  { url, empty }: BenchWarehouse,
  count: number,
  perObject: number,
): Promise<CommandRun> {
  const filling: Filling = { events: count, hours: HOURS, perObject, isGzip: false };
  await server.fill(filling);
  await empty();
  const [from, to] = [FIRST_HOUR_MS, FIRST_HOUR_MS + DAY_MS].map((ms) => new Date(ms).toISOString());
  const run = await runCommand(['etl', 'backfill', '--from', from!, '--to', to!, '--json', '--yes'], {
    SBW_RAW: `s3://${BUCKET}`,
    // By the environment: the URL holds the password.
    SBW_WAREHOUSE: url,
    AWS_ENDPOINT_URL_S3: server.endpointUrl,
  });
  const { events: found } = JSON.parse(run.stdout) as { events: { loaded: number } };
  if (found.loaded !== count) throw new Error(`${found.loaded} of ${count} events loaded.`);
  return run;
}

function evenly(samples: readonly number[]): number[] {
  const count = Math.min(SHOWN_SAMPLES, samples.length);
  return Array.from({ length: count }, (_, index) => samples[Math.floor((index * samples.length) / count)]!);
}
