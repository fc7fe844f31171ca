/**
 * A deploy that has nothing to do: requests to AWS, and seconds when each of them takes a far region's time.
 *   npm run bench -- deploy [--rounds 5]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LAYER_NAMES } from '../src/stacks/catalog.ts';
import { openStand } from '../test/stacks/deploy/stand.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

const MOST_REQUESTS = 40;
const MOST_SECONDS = 5;
const ANSWER_MS = 200;

const { rounds } = readOptions({ events: 1, rounds: 5 });
const report = new BenchReport('deploy', `${LAYER_NAMES.length} stacks up to date, ${rounds} rounds`);
const stand = await openStand();
await stand.deploy();

stand.aws.onCall(async () => sleep(ANSWER_MS));
const before = stand.aws.calls.length;
const startedAt = performance.now();
for (let round = 0; round < rounds; round += 1) {
  const { plan } = await stand.look();
  if (plan.layers.some(({ action }) => action !== 'none')) throw new Error('There is something to do.');
}
const seconds = (performance.now() - startedAt) / 1000 / rounds;
report.addRatio('requests', (stand.aws.calls.length - before) / rounds, '', { atMost: MOST_REQUESTS });
report.addRatio(`seconds, ${ANSWER_MS} ms a request`, seconds, 's', { atMost: MOST_SECONDS });
report.finish();
await stand.close();
