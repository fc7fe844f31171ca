import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import { fetch } from 'undici';
import type { Pipeline, RawObject, RawPlace } from '../../../stacks/ports/deploy/pipeline.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, unlessGone } from '../call.ts';

const SEND_TIMEOUT_MS = 15_000;
/** A run of the ETL may take minutes; Lambda itself ends it after fifteen. */
const INVOKE_TIMEOUT_MS = 16 * 60_000;
/** S3's clock and ours. */
const CLOCK_DIFFERENCE_MS = 2 * 60_000;

/** Ingest door, raw bucket, ETL function and schedule of a running stage. */
export function openPipeline(settings: SdkSettings): Pipeline & { close(): void } {
  const functions = new lambda.LambdaClient({
    ...settings,
    requestHandler: { ...settings.requestHandler, requestTimeout: INVOKE_TIMEOUT_MS },
  });
  const buckets = new s3.S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  const rules = new events.EventBridgeClient(settings);
  return {
    send,
    findRawObject: (place, since, text) => findRawObject(buckets, place, since, text),
    removeRawObject: (bucket, { key, versionId }) =>
      unlessGone('s3:DeleteObjectVersion', undefined, async () => {
        const version = versionId === null ? {} : { VersionId: versionId };
        await buckets.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: key, ...version }));
      }),
    invoke: (functionName, payload) =>
      call('lambda:InvokeFunction', async () => {
        const { FunctionError, Payload } = await functions.send(
          new lambda.InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
        );
        return { payload: parse(Payload?.transformToString() ?? ''), error: FunctionError ?? null };
      }),
    enableRule: (name) =>
      call('events:EnableRule', async () => {
        await rules.send(new events.EnableRuleCommand({ Name: name }));
      }),
    disableRule: (name) =>
      call('events:DisableRule', async () => {
        await rules.send(new events.DisableRuleCommand({ Name: name }));
      }),
    isRuleEnabled: (name) =>
      unlessGone('events:DescribeRule', null, async () => {
        const { State } = await rules.send(new events.DescribeRuleCommand({ Name: name }));
        return State !== 'DISABLED';
      }),
    close: () => {
      for (const client of [functions, buckets, rules]) client.destroy();
    },
  };
}

async function send(url: string, body: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
    return { status: answer.status, text: (await answer.text()).slice(0, 2000) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: 0, text: cause instanceof Error ? cause.message : message };
  }
}

async function findRawObject(
  client: s3.S3Client,
  { bucket, prefix }: RawPlace,
  since: Date,
  text: string,
): Promise<RawObject | null> {
  const earliest = since.getTime() - CLOCK_DIFFERENCE_MS;
  let token: string | undefined;
  do {
    const page: s3.ListObjectsV2CommandOutput = await call('s3:ListBucket', () =>
      client.send(new s3.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })),
    );
    for (const { Key, LastModified } of page.Contents ?? []) {
      if ((LastModified?.getTime() ?? 0) < earliest) continue;
      const found = await unlessGone('s3:GetObject', null, async () => {
        const object = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: Key! }));
        return {
          content: (await object.Body?.transformToString()) ?? '',
          versionId: object.VersionId ?? null,
        };
      });
      if (found?.content.includes(text) === true) return { key: Key!, versionId: found.versionId };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
