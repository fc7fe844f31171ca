import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASSETS_BUCKET, parametersOf, RAW_BUCKET } from '../templates/support/contract.ts';
import { ACCOUNT, startMinistack, type Ministack } from '../templates/support/ministack.ts';
import { readTemplate } from '../templates/support/template.ts';
import { CA_PARAMETER, environmentOf, PASSWORD_PARAMETER, writeParameter } from './support/platform.ts';
import { buildBundles, type Bundles } from './support/runtime.ts';
import { startTestWarehouse, type TestWarehouse } from './support/warehouse.ts';

const DEADLINE_MS = 30_000;

let aws: Ministack;
let bundles: Bundles;
let warehouse: TestWarehouse;
let cloudFormation: CloudFormationClient;
let functions: LambdaClient;
let s3: S3Client;

before(async () => {
  // Where functions find the SDK that Lambda's runtime brings, and whose account a call without keys is about.
  Object.assign(process.env, { NODE_PATH: resolve('node_modules'), MINISTACK_ACCOUNT_ID: ACCOUNT });
  [aws, bundles, warehouse] = await Promise.all([startMinistack(), buildBundles(), startTestWarehouse()]);
  cloudFormation = new CloudFormationClient(aws.client);
  functions = new LambdaClient(aws.client);
  s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  for (const Bucket of [RAW_BUCKET, ASSETS_BUCKET]) await s3.send(new CreateBucketCommand({ Bucket }));
  const ssm = new SSMClient(aws.client);
  await writeParameter(ssm, PASSWORD_PARAMETER, warehouse.password);
  await writeParameter(ssm, CA_PARAMETER, warehouse.authority);
  ssm.destroy();
});
after(async () => {
  for (const client of [cloudFormation, functions, s3]) client.destroy();
  bundles.remove();
  await Promise.all([aws.close(), warehouse.close()]);
});

/** Uploads the zip that the package ships, and makes the stack of the template as it is. */
async function deploy(layer: 'ingest' | 'etl'): Promise<Readonly<Record<string, string>>> {
  const parameters = parametersOf(layer);
  const Body = readFileSync(join(bundles.folder, `${layer}.zip`));
  await s3.send(new PutObjectCommand({ Bucket: ASSETS_BUCKET, Key: parameters['CodeKey'], Body }));
  const StackName = `sbw-dev-${layer}`;
  await cloudFormation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: readTemplate(layer).text,
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  const giveUpAt = Date.now() + DEADLINE_MS;
  for (;;) {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const { StackStatus, Outputs = [] } = Stacks[0]!;
    if (StackStatus === 'CREATE_COMPLETE') {
      return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
    }
    assert.ok(StackStatus === 'CREATE_IN_PROGRESS' && Date.now() < giveUpAt, StackStatus);
    await sleep(100);
  }
}

/** The API under the server's own name; its URL has a name that only AWS can look up. */
function send(apiId: string, init: RequestInit): Promise<Response> {
  return fetch(`${aws.client.endpoint}/_aws/execute-api/${apiId}/$default/clickstream`, init);
}

async function invokeEtl(event: unknown): Promise<Readonly<Record<string, unknown>>> {
  const { FunctionError, Payload } = await functions.send(
    new InvokeCommand({ FunctionName: 'SBW_Lamda_ETL', Payload: JSON.stringify(event) }),
  );
  const text = Payload?.transformToString() ?? '';
  assert.equal(FunctionError, undefined, text);
  return JSON.parse(text) as Record<string, unknown>;
}

test('an event that is posted to the API is an object in the raw bucket, and then a row', async () => {
  const { ApiId, IngestUrl } = await deploy('ingest');
  assert.match(IngestUrl!, new RegExp(`^https?://${ApiId}\\.execute-api\\..*/clickstream$`));
  const answer = await send(ApiId!, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"eventId":"e1","eventName":"page_view"}',
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(((await answer.json()) as { accepted: number }).accepted, 1);

  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: RAW_BUCKET }));
  assert.equal(Contents.length, 1);
  assert.match(Contents[0]!.Key!, /^events\/\d{4}\/\d\d\/\d\d\/\d\d\/event-[0-9a-f-]{36}\.json$/);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: RAW_BUCKET, Key: Contents[0]!.Key! }));
  const event = JSON.parse((await Body?.transformToString()) ?? '') as { _ingest: { apiId: string } };
  assert.equal(event._ingest.apiId, ApiId);

  const { FunctionName } = await deploy('etl');
  const { Environment } = await functions.send(new GetFunctionConfigurationCommand({ FunctionName }));
  // The template has the port and the names of a warehouse of its own; this one is shared.
  const Variables = { ...Environment?.Variables, ...environmentOf(warehouse) };
  await functions.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  const { complete, events } = await invokeEtl({});
  assert.equal(complete, true);
  assert.deepEqual(events, { read: 1, loaded: 1, duplicates: 0, quarantined: 0, filtered: 0 });
  assert.deepEqual(await warehouse.query('SELECT event_id FROM public.clickstream_events'), [
    { event_id: 'e1' },
  ]);
});
