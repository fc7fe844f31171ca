import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ACCOUNT, type Ministack, startMinistack } from '../templates/support/ministack.ts';

/** The shipped program, as a process, against a second peer: the layers that ministack's CloudFormation takes. */
const LAYERS = 'storage,host-bundle,ingest';

let aws: Ministack;
let folder: string;
before(async () => {
  // Functions find the SDK of their runtime here; who posts without keys is in the account of the rest.
  Object.assign(process.env, { NODE_PATH: resolve('node_modules'), MINISTACK_ACCOUNT_ID: ACCOUNT });
  aws = await startMinistack();
  folder = mkdtempSync(join(tmpdir(), 'sbw-ministack-'));
});
after(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function sbw(...argv: string[]): Promise<Ended> {
  const { endpoint, region, credentials } = aws.client;
  const child = spawn(process.execPath, [resolve('bin/sbw.js'), ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (said.stdout += String(text)));
  child.stderr.on('data', (text) => (said.stderr += String(text)));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, ...said };
}

const openS3 = (): S3Client => new S3Client({ ...aws.client, forcePathStyle: true });

test('deploy: buckets, functions and API are there, and take an event', async () => {
  const { code, stdout, stderr } = await sbw('deploy', '--only', LAYERS, '--yes', '--json');
  assert.equal(code, 0, stderr);
  const { outputs } = JSON.parse(stdout) as { outputs: Record<string, Record<string, string>> };
  const { RawBucketName = '', AssetsBucketName = '' } = outputs['storage'] ?? {};
  const { ApiId = '', FunctionName = '' } = outputs['ingest'] ?? {};
  assert.equal(RawBucketName, 'clickstream-s3-ingest-123456789012-ap-southeast-1');
  assert.equal(FunctionName, 'clickstream-lambda-ingest');
  const lambda = new LambdaClient(aws.client);
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }));
  assert.equal(Configuration?.Handler, 'index.handler');

  const s3 = openS3();
  const keysIn = async (Bucket: string): Promise<string[]> =>
    ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key ?? '');
  const uploaded = await keysIn(AssetsBucketName);
  assert.ok(
    uploaded.some((key) => /^code\/ingest-[0-9a-f]{16}\.zip$/.test(key)),
    uploaded.join(' '),
  );
  // The API's own host name leads nowhere here.
  const door = `${aws.client.endpoint}/_aws/execute-api/${ApiId}/$default/clickstream`;
  const answer = await fetch(door, {
    method: 'POST',
    body: JSON.stringify({ eventName: 'page_view', eventId: 'e-1' }),
  });
  assert.equal(answer.status, 200, await answer.text());
  assert.match(
    (await keysIn(RawBucketName)).join(' '),
    /^events\/\d{4}\/\d\d\/\d\d\/\d\d\/event-[0-9a-f-]{36}\.json$/,
  );
  for (const client of [lambda, s3]) client.destroy();
});

test('the same again: nothing to do', async () => {
  const { code, stdout } = await sbw('deploy', '--only', LAYERS);
  assert.equal(code, 0);
  assert.match(stdout, /nothing to do: 3 stacks up to date/);
});

test('teardown: nothing is left, although the buckets had objects', async () => {
  const { code, stdout, stderr } = await sbw('teardown', '--confirm', 'dev');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Gone\. 0 resources left/);
  const s3 = openS3();
  assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  s3.destroy();
});
