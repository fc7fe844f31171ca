import type * as sdk from '@aws-sdk/client-s3';
import { AwsFault } from '../../wire/fault.ts';
import type { World } from '../../world/world.ts';
import { requireBucket } from './access.ts';
import type { BucketContent, ObjectVersion } from './bucket-content.ts';

type WithKey<T> = T & { readonly Bucket: string; readonly Key: string };

/** What `Body` is by the time that an action sees it, and what it may answer with. */
type Bytes = { readonly Body?: Buffer };

const MAX_DELETES = 1000;

const noSuchKey = (): AwsFault => new AwsFault('NoSuchKey', 'The specified key does not exist.', 404);

/** @throws AwsFault PreconditionFailed: somebody else wrote it first, or changed it */
export function requirePreconditions(
  content: BucketContent,
  {
    Key,
    IfNoneMatch,
    IfMatch,
  }: { Key: string; IfNoneMatch?: string | undefined; IfMatch?: string | undefined },
): void {
  const current = content.current(Key);
  const failed = new AwsFault(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
  );
  if (IfNoneMatch === '*' && current !== undefined) throw failed;
  if (IfMatch === undefined) return;
  if (current === undefined) throw noSuchKey();
  if (current.etag.replaceAll('"', '') !== IfMatch.replaceAll('"', '')) throw failed;
}

const versionOf = (content: BucketContent, { versionId }: ObjectVersion): { VersionId?: string } =>
  content.versioning === 'off' ? {} : { VersionId: versionId };

/** @throws AwsFault NoSuchKey, NoSuchVersion, MethodNotAllowed for a marker */
function find(content: BucketContent, key: string, versionId: string | undefined): ObjectVersion {
  const found = versionId === undefined ? content.current(key) : content.version(key, versionId);
  if (found === undefined && versionId !== undefined) {
    throw new AwsFault('NoSuchVersion', 'The specified version does not exist.', 404);
  }
  if (found === undefined) throw noSuchKey();
  if (found.isMarker) {
    throw new AwsFault('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  }
  return found;
}

export const objectActions = {
  PutObject(input: WithKey<Omit<sdk.PutObjectRequest, 'Body'>> & Bytes, world: World): sdk.PutObjectOutput {
    const { Bucket, Key, Body = Buffer.alloc(0), ContentType, Metadata } = input;
    const content = requireBucket(world, Bucket, 's3:PutObject');
    requirePreconditions(content, input);
    const made = content.put({
      key: Key,
      body: Body,
      modifiedAt: world.clock.now(),
      ...(ContentType === undefined ? {} : { contentType: ContentType }),
      ...(Metadata === undefined ? {} : { metadata: Metadata }),
    });
    return { ETag: made.etag, ServerSideEncryption: 'AES256', ...versionOf(content, made) };
  },

  GetObject(input: WithKey<sdk.GetObjectRequest>, world: World): object {
    const content = requireBucket(world, input.Bucket, 's3:GetObject');
    const found = find(content, input.Key, input.VersionId);
    return {
      ...describe(content, found),
      Body: rangeOf(found.body, input.Range),
      ...rangeHeader(found.body, input.Range),
    };
  },

  HeadObject(input: WithKey<sdk.HeadObjectRequest>, world: World): object {
    const content = requireBucket(world, input.Bucket, 's3:GetObject');
    const found = find(content, input.Key, input.VersionId);
    return { ...describe(content, found), ContentLength: found.body.length };
  },

  CopyObject(input: WithKey<sdk.CopyObjectRequest>, world: World): sdk.CopyObjectOutput {
    const content = requireBucket(world, input.Bucket, 's3:PutObject');
    const [, bucket, key] = /^\/?([^/]+)\/([^?]+)/.exec(decodeURIComponent(input.CopySource ?? '')) ?? [];
    const source = find(requireBucket(world, bucket ?? '', 's3:GetObject'), key ?? '', undefined);
    const { body, contentType, metadata, etag } = source;
    const made = content.put({
      key: input.Key,
      body,
      contentType,
      metadata,
      etag,
      modifiedAt: world.clock.now(),
    });
    return {
      CopyObjectResult: { ETag: made.etag, LastModified: made.modifiedAt },
      ...versionOf(content, made),
    };
  },

  DeleteObject(
    { Bucket, Key, VersionId }: WithKey<sdk.DeleteObjectRequest>,
    world: World,
  ): sdk.DeleteObjectOutput {
    const action = VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const { marker, removed } = requireBucket(world, Bucket, action).delete(
      Key,
      VersionId,
      world.clock.now(),
    );
    if (marker !== null) return { DeleteMarker: true, VersionId: marker.versionId };
    if (VersionId === undefined) return {};
    return { VersionId, ...(removed?.isMarker === true ? { DeleteMarker: true } : {}) };
  },

  DeleteObjects(
    { Bucket, Delete }: sdk.DeleteObjectsRequest & { readonly Bucket: string },
    world: World,
  ): sdk.DeleteObjectsOutput {
    const content = requireBucket(world, Bucket, 's3:DeleteObject');
    const wanted = Delete?.Objects ?? [];
    if (wanted.length === 0 || wanted.length > MAX_DELETES) {
      throw new AwsFault(
        'MalformedXML',
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
    }
    const Deleted = wanted.map(({ Key, VersionId }): sdk.DeletedObject => {
      const { marker } = content.delete(Key!, VersionId, world.clock.now());
      return {
        Key: Key!,
        ...(VersionId === undefined ? {} : { VersionId }),
        ...(marker === null ? {} : { DeleteMarker: true, DeleteMarkerVersionId: marker.versionId }),
      };
    });
    return Delete?.Quiet === true ? {} : { Deleted };
  },
};

function describe(content: BucketContent, found: ObjectVersion): object {
  return {
    ETag: found.etag,
    LastModified: found.modifiedAt,
    ContentType: found.contentType,
    Metadata: found.metadata,
    AcceptRanges: 'bytes',
    ...versionOf(content, found),
  };
}

function boundsOf(body: Buffer, range: string): [start: number, end: number] {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const start = from === '' ? Math.max(0, body.length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? body.length - 1 : Math.min(Number(to), body.length - 1);
  if (start > end) throw new AwsFault('InvalidRange', 'The requested range is not satisfiable', 416);
  return [start, end];
}

function rangeOf(body: Buffer, range: string | undefined): Buffer {
  if (range === undefined) return body;
  const [start, end] = boundsOf(body, range);
  return body.subarray(start, end + 1);
}

function rangeHeader(body: Buffer, range: string | undefined): object {
  if (range === undefined) return {};
  const [start, end] = boundsOf(body, range);
  return { ContentRange: `bytes ${start}-${end}/${body.length}` };
}
