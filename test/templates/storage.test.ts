import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASSETS_BUCKET, parametersOf, RAW_BUCKET } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { readTemplate, type Value } from './support/template.ts';

const { Resources, Outputs } = renderTemplate(readTemplate('storage'), {
  ...parametersOf('storage', 'blue'),
  RawNoncurrentDays: '45',
});
const raw = Resources['RawBucket']!;
const assets = Resources['AssetsBucket']!;

function rulesOf(bucket: typeof raw): Record<string, Value>[] {
  return (bucket.Properties!['LifecycleConfiguration'] as { Rules: Record<string, Value>[] }).Rules;
}

test('buckets bear the names that sbw worked out, and come back as outputs', () => {
  assert.equal(raw.Properties!['BucketName'], RAW_BUCKET);
  assert.equal(assets.Properties!['BucketName'], ASSETS_BUCKET);
  assert.deepEqual(Outputs, {
    RawBucketName: '<RawBucket>',
    RawBucketArn: '<RawBucket.Arn>',
    AssetsBucketName: '<AssetsBucket>',
    AssetsBucketArn: '<AssetsBucket.Arn>',
  });
});

test('buckets survive their stack, but not a create that failed', () => {
  for (const bucket of [raw, assets]) {
    assert.equal(bucket.DeletionPolicy, 'RetainExceptOnCreate');
    assert.equal(bucket.UpdateReplacePolicy, 'Retain');
    assert.ok(JSON.stringify(bucket.Properties!['Tags']).includes('{"Key":"sbw:stage","Value":"blue"}'));
  }
});

test('raw events have versions for as long as asked; the assets have none', () => {
  assert.deepEqual(raw.Properties!['VersioningConfiguration'], { Status: 'Enabled' });
  assert.equal(assets.Properties!['VersioningConfiguration'], undefined);
  assert.deepEqual(
    rulesOf(raw).find((rule) => 'NoncurrentVersionExpiration' in rule),
    {
      Id: 'forget-replaced-events',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: '45' },
      ExpiredObjectDeleteMarker: true,
    },
  );
});

test('no rule ends or moves an object that is current; unfinished uploads end', () => {
  for (const bucket of [raw, assets]) {
    const rules = rulesOf(bucket);
    const ending = ['ExpirationInDays', 'ExpirationDate', 'Transitions', 'Transition'];
    assert.deepEqual(
      rules.filter((rule) => ending.some((property) => property in rule)),
      [],
    );
    assert.ok(rules.some((rule) => 'AbortIncompleteMultipartUpload' in rule));
  }
});

test('nobody else is let in: bucket policies only deny', () => {
  for (const id of ['RawBucketPolicy', 'AssetsBucketPolicy']) {
    const { Statement } = Resources[id]!.Properties!['PolicyDocument'] as { Statement: { Effect: string }[] };
    assert.deepEqual(
      Statement.map(({ Effect }) => Effect),
      ['Deny'],
    );
  }
});
