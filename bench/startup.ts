/**
 * How long `sbw --help` takes, beside the time that Node itself takes to start.
 *   npm run bench -- startup [--rounds 15]
 */
import { spawnSync } from 'node:child_process';
import { buildCommand, runCommand } from './support/command.ts';
import { median } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

const { rounds } = readOptions({ events: 1, rounds: 15 });
const report = new BenchReport('startup', `${rounds} rounds, medians`);
await buildCommand();
const [help, node]: [number[], number[]] = [[], []];
for (let round = 0; round < rounds; round += 1) {
  help.push((await runCommand(['--help'])).wallMs);
  const startedAt = performance.now();
  spawnSync(process.execPath, ['--eval', '0']);
  node.push(performance.now() - startedAt);
}
report.addRatio('sbw --help', median(help), ' ms', { atMost: 300 });
report.addRatio('node --eval 0', median(node), ' ms');
report.finish();
