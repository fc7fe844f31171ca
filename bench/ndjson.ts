/**
 * Compacted objects: how near a load comes to the COPY ceiling, which is the same rows, ready made, through the
 * same stage into the same table.
 *   npm run bench -- ndjson [--events 50000] [--rounds 5]
 */
import { openDirectoryStore } from '../src/adapters/directory-store.ts';
import { copyPrepared, prepareRows } from './support/ceilings.ts';
import { makeDirectory } from './support/directory.ts';
import { loadAll } from './support/load.ts';
import { cpuOf, measureRounds, speedUp, type Case, type Meters } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';
import { startWarehouse } from './support/warehouse.ts';

const SHAPES = [
  { name: 'NDJSON, 1,000 an object', perObject: 1000, isGzip: false },
  { name: 'NDJSON, 10,000 an object', perObject: 10_000, isGzip: false },
  { name: 'gzip, 1,000 an object', perObject: 1000, isGzip: true },
  { name: 'gzip, 10,000 an object', perObject: 10_000, isGzip: true },
];
const CEILING = 'COPY ceiling';
/** One hour, so that ours and the ceiling both are one transaction on one connection. */
const HOURS = 1;

const { events, rounds } = readOptions({ events: 50_000, rounds: 5 });
const report = new BenchReport('ndjson', `${events} events of one hour, ${rounds} rounds`);
const warehouse = await startWarehouse();
const { database } = warehouse;
const meters: Meters = { postgres: () => warehouse.cpuUs(), s3: () => 0 };
const prepare = (): Promise<void> => warehouse.empty();

const rows = prepareRows({ events, hours: HOURS, perObject: 1000, isGzip: false });
const cases: Record<string, Case> = {
  [CEILING]: { prepare, work: () => copyPrepared(database, rows) },
};
const directories = [];
for (const { name, ...shape } of SHAPES) {
  const directory = await makeDirectory({ events, hours: HOURS, ...shape });
  directories.push(directory);
  const store = await openDirectoryStore(directory.path);
  cases[name] = { prepare, work: () => loadAll({ store, database }, { events, hours: HOURS }) };
}
// The first load of a process compiles the code; a load of any size has that behind it.
await measureRounds(1, cases, meters);
const samples = await measureRounds(rounds, cases, meters);

for (const [name, found] of Object.entries(samples)) report.addCase(name, found);
for (const { name } of SHAPES) {
  const share = 1 / speedUp(samples[name]!, samples[CEILING]!);
  report.addRatio(`${name}: of the ceiling`, share, '', { atLeast: 0.75 });
}
const [cheapest] = SHAPES;
report.addRatio(
  'CPU of a load / of the ceiling',
  speedUp(samples[cheapest!.name]!, samples[CEILING]!, cpuOf),
  'x',
);
report.finish();
for (const directory of directories) await directory.remove();
await warehouse.close();
