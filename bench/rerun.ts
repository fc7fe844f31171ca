/**
 * A run over hours that are loaded: it must read no object and take a small share of the first load.
 *   npm run bench -- rerun [--events 20000] [--rounds 3]
 */
import { load, loadAll } from './support/load.ts';
import { measure, median, wallOf, type Meters, type Sample } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';
import { startS3 } from './support/s3.ts';
import { startWarehouse } from './support/warehouse.ts';

const HOURS = 4;
const SHAPES = [
  { name: 'one-event objects', perObject: 1 },
  { name: 'NDJSON, 1,000 an object', perObject: 1000 },
];

const { events, rounds } = readOptions({ events: 20_000, rounds: 3 });
const report = new BenchReport('rerun', `${events} events in ${HOURS} hours, ${rounds} rounds`);
const warehouse = await startWarehouse();
const s3 = await startS3();
const store = await s3.openStore();
const { database } = warehouse;
const meters: Meters = { postgres: () => warehouse.cpuUs(), s3: () => s3.cpuUs() };

for (const { name, perObject } of SHAPES) {
  await s3.fill({ events, hours: HOURS, perObject, isGzip: false });
  const [first, again]: [Sample[], Sample[]] = [[], []];
  let reads = 0;
  for (let round = 0; round < rounds; round += 1) {
    await warehouse.empty();
    first.push(await measure(() => loadAll({ store, database }, { events, hours: HOURS }), meters));
    const before = await s3.reads();
    again.push(await measure(reload, meters));
    reads += (await s3.reads()) - before;
  }
  report.addCase(`${name}: first load`, first);
  report.addCase(`${name}: again`, again);
  const share = median(again.map((sample, round) => wallOf(sample) / wallOf(first[round]!)));
  report.addRatio(`${name}: share of the time`, share * 100, ' %', { atMost: 5 });
  report.addRatio(`${name}: objects read again`, reads, '', { atMost: 0 });
}
report.finish();
await store.close();
await s3.stop();
await warehouse.close();

async function reload(): Promise<number> {
  const { accounting, balanced } = await load({ store, database }, HOURS);
  const { listed, already_loaded: known } = accounting.objects;
  if (balanced && listed > 0 && listed === known) return events;
  throw new Error(`The second run is not empty: ${JSON.stringify(accounting)}`);
}
