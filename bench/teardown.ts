/**
 * Emptying a versioned bucket: requests for 10,000 objects and their replaced versions, and what they cost the client.
 *   npm run bench -- teardown [--events 20000] [--rounds 3]
 */
import { openBuckets } from '../src/adapters/aws/teardown/buckets.ts';
import { sdkSettings } from '../src/adapters/aws/sdk.ts';
import { emptyBucket } from '../src/stacks/teardown/apply/empty-bucket.ts';
import { startPatience } from '../src/stacks/teardown/apply/patience.ts';
import { startFakeAws } from '../test/fakes/aws/fake-aws.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

/** A LIST and a DELETE for each thousand, and a look at the end that finds nothing. */
const MOST_REQUESTS = 30;

process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIAIOSFODNN7EXAMPLE';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'not-a-secret';

const { events: objects, rounds } = readOptions({ events: 20_000, rounds: 3 });
const report = new BenchReport('teardown', `a bucket of ${objects} objects emptied, ${rounds} rounds`);
const clock = { now: () => new Date(), sleep: async () => undefined };

for (const versions of [1, 2]) {
  let [requests, wallMs] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const emptied = await emptyOnce(versions);
    requests += emptied.requests;
    wallMs += emptied.wallMs;
  }
  const each = (10_000 / objects / rounds) * requests;
  const name = versions === 1 ? 'one version each' : `${versions} versions each`;
  report.addRatio(`requests for 10,000 objects, ${name}`, each, '', { atMost: MOST_REQUESTS * versions });
  report.addRatio(`objects a second, ${name}`, (objects * rounds * 1000) / wallMs, '/s');
}
report.finish();

/** A bucket of its own each time, in an account that answers at once. */
async function emptyOnce(versions: number): Promise<{ requests: number; wallMs: number }> {
  const aws = await startFakeAws();
  const content = aws.seed.bucket('raw', { versioned: true });
  const keys = Array.from({ length: objects }, (_, n) => `events/2026/11/23/${n % 24}/event-${n}.json`);
  aws.seed.objects('raw', keys, { versions });
  const settings = sdkSettings({
    aws: { region: aws.region, profile: undefined, endpointUrl: aws.endpointUrl },
    userAgent: 'sbw/bench',
  });
  const buckets = openBuckets(settings);
  const patience = startPatience(clock, new AbortController().signal, { what: 'raw', minutes: 60 });
  const startedAt = performance.now();
  await emptyBucket(buckets, { name: 'raw', isDeleted: true }, patience, () => undefined);
  const wallMs = performance.now() - startedAt;
  if (!content.isEmpty) throw new Error('The bucket is not empty.');
  buckets.close();
  await aws.close();
  return { requests: aws.calls.length, wallMs };
}
