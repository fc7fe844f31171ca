import * as s3 from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { settingsFor } from './testing/stacks.ts';

let aws: FakeAws;
let client: s3.S3Client;
before(async () => {
  aws = await startFakeAws({ msPerMinute: Infinity, objectPageSize: 4 });
  client = new s3.S3Client(settingsFor(aws));
});
after(async () => {
  client.destroy();
  await aws.close();
});

const Bucket = 'a-bucket';
const keysOf = (objects: readonly s3._Object[] | undefined): string[] =>
  (objects ?? []).map(({ Key }) => Key!);

test('objects come and go byte for byte, odd keys included', async () => {
  aws.seed.bucket(Bucket);
  const Key = 'a b/ü+%&?=#.json';
  await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'text', Metadata: { hash: 'x1' } }));
  const got = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
  assert.equal(await got.Body?.transformToString(), 'text');
  assert.deepEqual(got.Metadata, { hash: 'x1' });
  assert.deepEqual(keysOf((await client.send(new s3.ListObjectsV2Command({ Bucket }))).Contents), [Key]);
  const part = await client.send(new s3.GetObjectCommand({ Bucket, Key, Range: 'bytes=1-2' }));
  assert.equal(await part.Body?.transformToString(), 'ex');
  assert.equal(part.$metadata.httpStatusCode, 206);
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
  await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket, Key })), { name: 'NoSuchKey' });
  await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' });
});

test('a stream arrives without its chunk frames', async () => {
  const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')]);
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 140_000 }));
  const { Body: got } = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'stream' }));
  const text = await got?.transformToString();
  assert.equal(text, 'a'.repeat(70_000) + 'b'.repeat(70_000));
});

test('a conditional PUT is refused when the object is there', async () => {
  const put = (IfNoneMatch: string) =>
    client.send(new s3.PutObjectCommand({ Bucket, Key: 'once', Body: '1', IfNoneMatch }));
  await put('*');
  await assert.rejects(put('*'), { name: 'PreconditionFailed' });
});

test('listings page, with a delimiter and a start', async () => {
  aws.seed.bucket('pages');
  aws.seed.objects('pages', ['a/1', 'a/2', 'b/1', 'c', 'd', 'e', 'f']);
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(new s3.ListObjectsV2Command({ Bucket: 'pages', ContinuationToken }));
    found.push(...keysOf(page.Contents));
    ContinuationToken = page.NextContinuationToken;
    pages += 1;
  } while (ContinuationToken !== undefined);
  assert.deepEqual(found, ['a/1', 'a/2', 'b/1', 'c', 'd', 'e', 'f']);
  assert.equal(pages, 2);
  const grouped = await client.send(new s3.ListObjectsV2Command({ Bucket: 'pages', Delimiter: '/' }));
  assert.deepEqual(
    grouped.CommonPrefixes?.map(({ Prefix }) => Prefix),
    ['a/', 'b/'],
  );
  const rest = await client.send(
    new s3.ListObjectsV2Command({
      Bucket: 'pages',
      Delimiter: '/',
      ContinuationToken: grouped.NextContinuationToken,
    }),
  );
  assert.deepEqual([...keysOf(grouped.Contents), ...keysOf(rest.Contents)], ['c', 'd', 'e', 'f']);
  const later = await client.send(
    new s3.ListObjectsV2Command({ Bucket: 'pages', StartAfter: 'd', Prefix: '' }),
  );
  assert.deepEqual(keysOf(later.Contents), ['e', 'f']);
});

test('a versioned bucket is empty only without its versions and markers', async () => {
  const name = 'versioned';
  aws.seed.bucket(name, { versioned: true });
  aws.seed.objects(name, ['a', 'b', 'c'], { versions: 2 });
  await client.send(new s3.DeleteObjectCommand({ Bucket: name, Key: 'a' }));
  assert.deepEqual(keysOf((await client.send(new s3.ListObjectsV2Command({ Bucket: name }))).Contents), [
    'b',
    'c',
  ]);
  const remove = () => client.send(new s3.DeleteBucketCommand({ Bucket: name }));
  await assert.rejects(remove(), { name: 'BucketNotEmpty' });
  let found = 0;
  for (;;) {
    const page = await client.send(new s3.ListObjectVersionsCommand({ Bucket: name }));
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (all.length === 0) break;
    found += all.length;
    const Objects = all.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await client.send(new s3.DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }));
  }
  assert.equal(found, 7);
  await remove();
  await assert.rejects(client.send(new s3.HeadBucketCommand({ Bucket: name })), { name: 'NotFound' });
});

test('versions page by key and version', async () => {
  aws.seed.bucket('deep', { versioned: true });
  aws.seed.objects('deep', ['a', 'b'], { versions: 3 });
  const first = await client.send(new s3.ListObjectVersionsCommand({ Bucket: 'deep' }));
  const second = await client.send(
    new s3.ListObjectVersionsCommand({
      Bucket: 'deep',
      KeyMarker: first.NextKeyMarker,
      VersionIdMarker: first.NextVersionIdMarker,
    }),
  );
  assert.deepEqual([first.Versions?.length, second.Versions?.length], [4, 2]);
  const ids = [...first.Versions!, ...second.Versions!].map(({ VersionId }) => VersionId);
  assert.equal(new Set(ids).size, 6);
});

test('an upload in parts is unfinished until it is completed or aborted', async () => {
  const Key = 'parts';
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key }));
  const bodies = ['a'.repeat(5 * 1024 * 1024), 'tail'];
  const Parts = await Promise.all(
    bodies.map(async (Body, index) => {
      const { ETag } = await client.send(
        new s3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body }),
      );
      return { ETag, PartNumber: index + 1 };
    }),
  );
  const listed = await client.send(new s3.ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    listed.Uploads?.map((one) => one.UploadId),
    [UploadId],
  );
  await client.send(
    new s3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  assert.match((await client.send(new s3.HeadObjectCommand({ Bucket, Key }))).ETag ?? '', /-2"$/);
  const other = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: 'other' }));
  const abort = () =>
    client.send(new s3.AbortMultipartUploadCommand({ Bucket, Key: 'other', UploadId: other.UploadId }));
  await abort();
  await assert.rejects(abort(), { name: 'NoSuchUpload' });
});

test('a policy that denies stops writers', async () => {
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: '*' }],
  });
  await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }));
  const put = () => client.send(new s3.PutObjectCommand({ Bucket, Key: 'no', Body: '1' }));
  await assert.rejects(put(), { name: 'AccessDenied' });
  await client.send(new s3.DeleteBucketPolicyCommand({ Bucket }));
  await put();
});

test('a name that somebody else has is neither mine nor free', async () => {
  aws.seed.takeBucketName('theirs');
  await assert.rejects(
    client.send(new s3.HeadBucketCommand({ Bucket: 'theirs' })),
    (error: s3.S3ServiceException) => {
      assert.equal(error.$metadata.httpStatusCode, 403);
      return true;
    },
  );
  await assert.rejects(client.send(new s3.CreateBucketCommand({ Bucket: 'theirs' })), {
    name: 'BucketAlreadyExists',
  });
});
