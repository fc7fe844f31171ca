import type * as sdk from '@aws-sdk/client-s3';
import type { World } from '../../world/world.ts';
import { requireBucket } from './access.ts';
import type { BucketContent, ObjectVersion } from './bucket-content.ts';

type WithBucket<T> = T & { readonly Bucket: string };

/** What a listing shows: keys, and with a delimiter the groups that stand for many of them. */
interface Entry {
  readonly key: string;
  /** The group `events/2026/` when the key belongs to one. */
  readonly group: string | null;
}

/** Keys after `after`, in order, grouped by the delimiter. */
function* entriesOf(
  content: BucketContent,
  prefix: string,
  delimiter: string,
  after: string,
): Generator<Entry> {
  let lastGroup: string | null = null;
  for (const key of content.keys()) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const group = cut < 0 ? null : key.slice(0, cut + delimiter.length);
    if (group !== null && (group === lastGroup || after.startsWith(group))) continue;
    lastGroup = group;
    yield { key, group };
  }
}

const encode = (key: string, encoding: string | undefined): string =>
  encoding === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key;

export const listingActions = {
  ListObjectsV2(input: WithBucket<sdk.ListObjectsV2Request>, world: World): Partial<sdk.ListObjectsV2Output> {
    const { Bucket, Prefix = '', Delimiter = '', ContinuationToken, StartAfter = '', EncodingType } = input;
    const content = requireBucket(world, Bucket, 's3:ListBucket');
    const limit = Math.min(input.MaxKeys ?? 1000, world.settings.objectPageSize);
    const after =
      ContinuationToken === undefined ? StartAfter : Buffer.from(ContinuationToken, 'base64url').toString();
    const Contents: sdk._Object[] = [];
    const CommonPrefixes: sdk.CommonPrefix[] = [];
    let last = after;
    let isTruncated = false;
    for (const { key, group } of entriesOf(content, Prefix, Delimiter, after)) {
      const current = content.current(key);
      if (current === undefined && group === null) continue;
      if (Contents.length + CommonPrefixes.length === limit) {
        isTruncated = true;
        break;
      }
      if (group === null) Contents.push({ ...shapeOf(current!), Key: encode(key, EncodingType) });
      else CommonPrefixes.push({ Prefix: encode(group, EncodingType) });
      last = group ?? key;
    }
    return {
      Name: Bucket,
      Prefix: encode(Prefix, EncodingType),
      KeyCount: Contents.length + CommonPrefixes.length,
      MaxKeys: limit,
      IsTruncated: isTruncated,
      Contents,
      CommonPrefixes,
      ...(Delimiter === '' ? {} : { Delimiter }),
      ...(EncodingType === undefined ? {} : { EncodingType }),
      ...(isTruncated ? { NextContinuationToken: Buffer.from(last).toString('base64url') } : {}),
    };
  },

  ListObjectVersions(
    input: WithBucket<sdk.ListObjectVersionsRequest>,
    world: World,
  ): Partial<sdk.ListObjectVersionsOutput> {
    const { Bucket, Prefix = '', KeyMarker = '', VersionIdMarker, EncodingType } = input;
    const content = requireBucket(world, Bucket, 's3:ListBucketVersions');
    const limit = Math.min(input.MaxKeys ?? 1000, world.settings.objectPageSize);
    const page: ObjectVersion[] = [];
    let isTruncated = false;
    for (const version of versionsAfter(content, Prefix, KeyMarker, VersionIdMarker)) {
      if (page.length === limit) {
        isTruncated = true;
        break;
      }
      page.push(version);
    }
    const last = page.at(-1);
    const shape = (version: ObjectVersion) => ({
      Key: encode(version.key, EncodingType),
      VersionId: version.versionId,
      IsLatest: content.newest(version.key) === version,
      LastModified: version.modifiedAt,
    });
    return {
      Name: Bucket,
      Prefix: encode(Prefix, EncodingType),
      MaxKeys: limit,
      IsTruncated: isTruncated,
      Versions: page
        .filter(({ isMarker }) => !isMarker)
        .map((version) => ({
          ...shape(version),
          ETag: version.etag,
          Size: version.body.length,
          StorageClass: 'STANDARD',
        })),
      DeleteMarkers: page.filter(({ isMarker }) => isMarker).map(shape),
      ...(EncodingType === undefined ? {} : { EncodingType }),
      ...(isTruncated
        ? { NextKeyMarker: encode(last!.key, EncodingType), NextVersionIdMarker: last!.versionId }
        : {}),
    };
  },
};

function* versionsAfter(
  content: BucketContent,
  prefix: string,
  keyMarker: string,
  versionMarker: string | undefined,
): Generator<ObjectVersion> {
  for (const key of content.keys()) {
    const order = Buffer.compare(Buffer.from(key), Buffer.from(keyMarker));
    if (!key.startsWith(prefix) || order < 0 || (order === 0 && versionMarker === undefined)) continue;
    const versions = content.versionsOf(key);
    // A version that was deleted meanwhile leaves its place: the rest of the key is listed again.
    const start = order === 0 ? versions.findIndex(({ versionId }) => versionId === versionMarker) + 1 : 0;
    yield* versions.slice(start);
  }
}

function shapeOf({ etag, body, modifiedAt }: ObjectVersion): sdk._Object {
  return { ETag: etag, Size: body.length, LastModified: modifiedAt, StorageClass: 'STANDARD' };
}
