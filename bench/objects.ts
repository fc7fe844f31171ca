/**
 * One event an object: our loader against the serial algorithm it replaces, and against the ceiling of listing,
 * reading and JSON.parse through the same S3 client.
 *   npm run bench -- objects [--events 20000] [--rounds 3]
 */
import { openBaseline } from './support/baseline.ts';
import { readAndParse } from './support/ceilings.ts';
import { loadAll } from './support/load.ts';
import { cpuOf, measureRounds, speedUp, type Case, type Meters } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';
import { startS3 } from './support/s3.ts';
import { startWarehouse } from './support/warehouse.ts';

const HOURS = 4;
/** What the S3 store takes by default: a distant server needs many. */
const MOST_READS = 160;
/** The serial algorithm is measured on fewer events: it would take minutes otherwise. */
const SERIAL_EVENTS = { 0: 1000, 20: 150 } as const;

const { events, rounds } = readOptions({ events: 20_000, rounds: 3 });
const report = new BenchReport('objects', `${events} one-event objects in ${HOURS} hours, ${rounds} rounds`);
const warehouse = await startWarehouse();
const baseline = await openBaseline(warehouse.url);
const { database } = warehouse;
const prepare = (): Promise<void> => warehouse.empty();

for (const latencyMs of [0, 20] as const) {
  const s3 = await startS3(latencyMs);
  await s3.fill({ events, hours: HOURS, perObject: 1, isGzip: false });
  const store = await s3.openStore();
  const meters: Meters = { postgres: () => warehouse.cpuUs(), s3: () => s3.cpuUs() };
  const load = (reads: number): Case => ({
    prepare,
    work: () => loadAll({ store, database }, { events, hours: HOURS }, reads),
  });
  const parse = (reads: number): Case => ({ work: () => readAndParse(store, HOURS, reads) });
  const serial: Case = {
    prepare: () => baseline.empty(),
    work: () => baseline.load(s3.endpointUrl, Math.min(events, SERIAL_EVENTS[latencyMs])),
  };
  // Compiled code and open connections: a load of any size has that behind it. The baseline has it too.
  await measureRounds(1, { load: load(64), serial }, meters);

  const names = {
    serial: `serial, ${latencyMs} ms`,
    load: `ours, ${latencyMs} ms`,
    parse: `GET+parse, ${latencyMs} ms`,
  };
  const samples = await measureRounds(
    rounds,
    {
      serial,
      load64: load(64),
      parse64: parse(64),
      loadMost: load(MOST_READS),
      parseMost: parse(MOST_READS),
    },
    meters,
  );
  report.addCase(names.serial, samples.serial);
  report.addCase(`${names.load}, 64 in flight`, samples.load64);
  report.addCase(`${names.load}, ${MOST_READS} in flight`, samples.loadMost);
  report.addCase(`${names.parse}, 64 in flight`, samples.parse64);
  report.addCase(`${names.parse}, ${MOST_READS} in flight`, samples.parseMost);
  const [best, ceiling] =
    latencyMs === 0 ? [samples.load64, samples.parse64] : [samples.loadMost, samples.parseMost];
  const atLeast = latencyMs === 0 ? 15 : 120;
  report.addRatio(`${names.load}: times serial`, speedUp(samples.serial, best), 'x', { atLeast });
  report.addRatio(`${names.load}: times serial in CPU`, speedUp(samples.serial, best, cpuOf), 'x');
  report.addRatio(`${names.load}: of GET+parse`, 1 / speedUp(best, ceiling), '', { atLeast: 0.75 });
  await store.close();
  await s3.stop();
}
report.finish();
await baseline.close();
await warehouse.close();
