/**
 * A function's first answer: its code loaded, and one event stored. Beside it the same with the SDK of the runtime.
 *   npm run bench -- lambda [--rounds 15]
 */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildBundles } from '../test/lambda/support/runtime.ts';
import { startS3Server, TEST_SECRET } from '../test/support/s3-servers.ts';
import { median } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

/** Timed in a process of its own from the first line on; Node's own start is not in it. */
const FIRST_ANSWER = {
  ingest: `
    const { handler } = require(process.env.CODE);
    const answer = await handler({ version: '2.0', routeKey: 'POST /clickstream', rawPath: '/clickstream',
      requestContext: { http: { method: 'POST', path: '/clickstream' } }, headers: {}, body: '{"eventName":"a"}' });
    if (answer.statusCode !== 200) throw new Error(answer.body);`,
  sdk: `
    const { PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: process.env.RAW_BUCKET_NAME, Key: process.hrtime.bigint() + '.json',
      Body: '{"eventName":"a"}', ContentType: 'application/json' }));`,
  etl: `require(process.env.CODE);`,
};

const { rounds } = readOptions({ events: 1, rounds: 15 });
const report = new BenchReport('lambda', `${rounds} processes each, medians`);
const [s3, bundles] = await Promise.all([startS3Server(), buildBundles()]);
const bucket = await s3.createBucket();
const times: Record<keyof typeof FIRST_ANSWER, number[]> = { ingest: [], sdk: [], etl: [] };
for (let round = 0; round < rounds; round += 1) {
  for (const name of ['ingest', 'sdk', 'etl'] as const) times[name].push(await timeFirstAnswer(name));
}
const [own, sdk] = [median(times.ingest), median(times.sdk)];
report.addRatio('ingest: first event stored', own, ' ms');
report.addRatio('the SDK of the runtime: one object put', sdk, ' ms');
report.addRatio('ingest, of the SDK alone', own / sdk, '', { atMost: 0.5 });
report.addRatio('etl: code loaded', median(times.etl), ' ms', { atMost: 300 });
for (const name of ['ingest', 'etl'])
  report.addRatio(`${name}.zip`, statSync(join(bundles.folder, `${name}.zip`)).size / 1000, ' kB');
report.finish();
bundles.remove();
await s3.close();

async function timeFirstAnswer(name: keyof typeof FIRST_ANSWER): Promise<number> {
  const script = `(async () => { const startedAt = performance.now(); ${FIRST_ANSWER[name]}
    process.stdout.write(String(performance.now() - startedAt)); process.exit(0); })();`;
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDTESTTESTTESTTEST',
    AWS_SECRET_ACCESS_KEY: TEST_SECRET,
    AWS_ENDPOINT_URL_S3: s3.endpointUrl,
    RAW_BUCKET_NAME: bucket,
    CODE: bundles.unpacked(name === 'etl' ? 'etl' : 'ingest'),
    NODE_PATH: resolve('node_modules'),
    PATH: process.env['PATH'],
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
  return Number(stdout);
}
