import * as sdk from '@aws-sdk/client-s3';
import type { Buckets, ObjectVersion, Refusal } from '../../../stacks/ports/buckets.ts';
import type { SdkSettings } from '../sdk.ts';
import { isNotFound } from '../aws-errors.ts';
import { call, tagsFrom, unlessGone } from '../call.ts';

/** The statement by which teardown keeps writers out; by its name it is found again. */
const DENY_SID = 'SbwTeardownNoWrites';

/** XML 1.0 has no way to write these, so DeleteObjects cannot name such a key. */
const UNWRITABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** S3 through the SDK. Gone is never an error. */
export function openBuckets(settings: SdkSettings): Buckets & { close(): void } {
  const client = new sdk.S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  return {
    describeBucket: async (name) => {
      const tags = await readTags(client, name);
      if (tags === null) return null;
      const statements = (await readPolicy(client, name))?.Statement ?? [];
      return { name, tags, isWriteDenied: statements.some(({ Sid }) => Sid === DENY_SID) };
    },
    listVersions: (name) => listVersions(client, name),
    deleteVersions: (name, versions) => deleteVersions(client, name, versions),
    listUploads: (name) => listUploads(client, name),
    abortUpload: (name, { key, uploadId }) =>
      unlessGone('s3:AbortMultipartUpload', undefined, async () => {
        await client.send(
          new sdk.AbortMultipartUploadCommand({ Bucket: name, Key: key, UploadId: uploadId }),
        );
      }),
    deleteBucket: (name) =>
      unlessGone('s3:DeleteBucket', true, async () => {
        try {
          await client.send(new sdk.DeleteBucketCommand({ Bucket: name }));
          return true;
        } catch (error) {
          if ((error as Error).name === 'BucketNotEmpty') return false;
          throw error;
        }
      }),
    denyWrites: (name) =>
      changePolicy(client, name, (statements) => [
        ...statements,
        {
          Sid: DENY_SID,
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:${partitionOf(settings.region)}:s3:::${name}/*`,
        },
      ]),
    allowWrites: (name) => changePolicy(client, name, (statements) => statements),
    close: () => client.destroy(),
  };
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Null when there is no such bucket. A bucket without tags has none, which S3 calls an error. */
async function readTags(client: sdk.S3Client, name: string): Promise<Record<string, string> | null> {
  return call('s3:GetBucketTagging', async () => {
    try {
      const { TagSet } = await client.send(new sdk.GetBucketTaggingCommand({ Bucket: name }));
      return tagsFrom(TagSet);
    } catch (error) {
      if ((error as Error).name === 'NoSuchTagSet') return {};
      if (isNotFound(error)) return null;
      throw error;
    }
  });
}

interface Statement {
  readonly Sid?: string;
}

interface Policy {
  readonly Statement?: readonly Statement[];
}

async function readPolicy(client: sdk.S3Client, name: string): Promise<Policy | null> {
  return unlessGone('s3:GetBucketPolicy', null, async () => {
    const { Policy: text } = await client.send(new sdk.GetBucketPolicyCommand({ Bucket: name }));
    return text === undefined ? null : (JSON.parse(text) as Policy);
  });
}

/** @param edit gets the statements without ours */
async function changePolicy(
  client: sdk.S3Client,
  name: string,
  edit: (statements: readonly Statement[]) => readonly Statement[],
): Promise<void> {
  const policy = await readPolicy(client, name);
  const others = (policy?.Statement ?? []).filter(({ Sid }) => Sid !== DENY_SID);
  const Statement = edit(others);
  if (Statement.length === 0) {
    await unlessGone('s3:DeleteBucketPolicy', undefined, () =>
      client.send(new sdk.DeleteBucketPolicyCommand({ Bucket: name })),
    );
    return;
  }
  const text = JSON.stringify({ Version: '2012-10-17', ...policy, Statement });
  await unlessGone('s3:PutBucketPolicy', undefined, () =>
    client.send(new sdk.PutBucketPolicyCommand({ Bucket: name, Policy: text })),
  );
}

async function* listVersions(client: sdk.S3Client, name: string): AsyncGenerator<ObjectVersion[]> {
  let marker: Pick<sdk.ListObjectVersionsCommandOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> = {};
  for (;;) {
    const page = await unlessGone('s3:ListBucketVersions', null, () =>
      client.send(
        new sdk.ListObjectVersionsCommand({
          Bucket: name,
          // Keys may hold what XML cannot.
          EncodingType: 'url',
          KeyMarker: marker.NextKeyMarker === undefined ? undefined : decode(marker.NextKeyMarker),
          VersionIdMarker: marker.NextVersionIdMarker,
        }),
      ),
    );
    if (page === null) return;
    yield [
      ...(page.Versions ?? []).map((one) => versionOf(one, false)),
      ...(page.DeleteMarkers ?? []).map((one) => versionOf(one, true)),
    ];
    if (page.IsTruncated !== true) return;
    marker = page;
  }
}

function versionOf(version: sdk.ObjectVersion | sdk.DeleteMarkerEntry, isMarker: boolean): ObjectVersion {
  return {
    key: decode(version.Key ?? ''),
    versionId: version.VersionId ?? 'null',
    bytes: 'Size' in version ? (version.Size ?? 0) : 0,
    modifiedAt: version.LastModified ?? new Date(0),
    isLatest: version.IsLatest === true,
    isMarker,
  };
}

function decode(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

async function deleteVersions(
  client: sdk.S3Client,
  name: string,
  versions: readonly Pick<ObjectVersion, 'key' | 'versionId'>[],
): Promise<readonly Refusal[]> {
  const single = versions.filter(({ key }) => UNWRITABLE.test(key));
  const Objects = versions
    .filter(({ key }) => !UNWRITABLE.test(key))
    .map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
  for (const { key, versionId } of single) {
    await unlessGone('s3:DeleteObjectVersion', undefined, () =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: name, Key: key, VersionId: versionId })),
    );
  }
  if (Objects.length === 0) return [];
  const refused = await unlessGone('s3:DeleteObjectVersion', null, () =>
    client.send(new sdk.DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } })),
  );
  return (refused?.Errors ?? [])
    .filter(({ Code }) => Code !== 'NoSuchKey' && Code !== 'NoSuchVersion')
    .map(({ Key, Code, Message }) => ({ key: Key ?? '', code: Code ?? 'Unknown', message: Message ?? '' }));
}

async function* listUploads(
  client: sdk.S3Client,
  name: string,
): AsyncGenerator<{ key: string; uploadId: string }[]> {
  let marker: Pick<sdk.ListMultipartUploadsCommandOutput, 'NextKeyMarker' | 'NextUploadIdMarker'> = {};
  for (;;) {
    const page = await unlessGone('s3:ListBucketMultipartUploads', null, () =>
      client.send(
        new sdk.ListMultipartUploadsCommand({
          Bucket: name,
          EncodingType: 'url',
          KeyMarker: marker.NextKeyMarker === undefined ? undefined : decode(marker.NextKeyMarker),
          UploadIdMarker: marker.NextUploadIdMarker,
        }),
      ),
    );
    if (page === null) return;
    yield (page.Uploads ?? []).map(({ Key, UploadId }) => ({
      key: decode(Key ?? ''),
      uploadId: UploadId ?? '',
    }));
    if (page.IsTruncated !== true) return;
    marker = page;
  }
}
