import type * as sdk from '@aws-sdk/client-s3';
import { AwsFault } from '../../wire/fault.ts';
import { md5, uuid } from '../../world/ids.ts';
import { pageOf } from '../../world/paging.ts';
import type { World } from '../../world/world.ts';
import { requireBucket } from './access.ts';
import { type Upload, multipartEtag } from './bucket-content.ts';
import { requirePreconditions } from './object-actions.ts';

type Of<T> = T & { readonly Bucket: string; readonly Key: string; readonly UploadId: string };

const MIN_PART_BYTES = 5 * 1024 * 1024;

/** @throws AwsFault NoSuchUpload */
function requireUpload(
  world: World,
  { Bucket, UploadId }: { Bucket: string; UploadId: string },
  action: string,
): Upload {
  const upload = requireBucket(world, Bucket, action).uploads.get(UploadId);
  if (upload !== undefined) return upload;
  throw new AwsFault(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
  );
}

/** Uploads in parts. */
export const uploadActions = {
  CreateMultipartUpload(
    { Bucket, Key, ContentType, Metadata }: Omit<Of<sdk.CreateMultipartUploadRequest>, 'UploadId'>,
    world: World,
  ): sdk.CreateMultipartUploadOutput {
    const { uploads } = requireBucket(world, Bucket, 's3:PutObject');
    const id = uuid();
    uploads.set(id, {
      id,
      key: Key,
      startedAt: world.clock.now(),
      contentType: ContentType ?? 'application/octet-stream',
      metadata: Metadata ?? {},
      parts: new Map(),
    });
    return { Bucket, Key, UploadId: id };
  },

  UploadPart(
    input: Of<Omit<sdk.UploadPartRequest, 'Body'>> & { readonly PartNumber: number; readonly Body?: Buffer },
    world: World,
  ): sdk.UploadPartOutput {
    const upload = requireUpload(world, input, 's3:PutObject');
    const body = input.Body ?? Buffer.alloc(0);
    const etag = `"${md5(body)}"`;
    upload.parts.set(input.PartNumber, { body, etag });
    return { ETag: etag };
  },

  CompleteMultipartUpload(
    input: Of<sdk.CompleteMultipartUploadRequest>,
    world: World,
  ): sdk.CompleteMultipartUploadOutput {
    const upload = requireUpload(world, input, 's3:PutObject');
    const content = requireBucket(world, input.Bucket, null);
    requirePreconditions(content, input);
    const wanted = input.MultipartUpload?.Parts ?? [];
    const parts = wanted.map(({ PartNumber, ETag }) => {
      const part = upload.parts.get(PartNumber ?? 0);
      if (part === undefined || part.etag.replaceAll('"', '') !== ETag?.replaceAll('"', '')) {
        throw new AwsFault('InvalidPart', 'One or more of the specified parts could not be found.');
      }
      return part;
    });
    if (parts.length === 0) throw new AwsFault('MalformedXML', 'The XML you provided was not well-formed');
    if (parts.slice(0, -1).some(({ body }) => body.length < MIN_PART_BYTES)) {
      throw new AwsFault('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    const { key, contentType, metadata } = upload;
    const body = Buffer.concat(parts.map((part) => part.body));
    content.uploads.delete(upload.id);
    const made = content.put({
      key,
      body,
      contentType,
      metadata,
      etag: multipartEtag(parts),
      modifiedAt: world.clock.now(),
    });
    return { Bucket: input.Bucket, Key: key, ETag: made.etag };
  },

  AbortMultipartUpload(
    input: Of<sdk.AbortMultipartUploadRequest>,
    world: World,
  ): sdk.AbortMultipartUploadOutput {
    const { id } = requireUpload(world, input, 's3:AbortMultipartUpload');
    requireBucket(world, input.Bucket, null).uploads.delete(id);
    return {};
  },

  ListMultipartUploads(
    { Bucket, UploadIdMarker }: sdk.ListMultipartUploadsRequest & { readonly Bucket: string },
    world: World,
  ): sdk.ListMultipartUploadsOutput {
    const { uploads } = requireBucket(world, Bucket, 's3:ListBucketMultipartUploads');
    const all = [...uploads.values()];
    // The marker is the last upload of the page before; it may be gone by now, and then the listing starts over.
    const start = UploadIdMarker === undefined ? 0 : all.findIndex(({ id }) => id === UploadIdMarker) + 1;
    const { items, token } = pageOf(all.slice(start), undefined, world.settings.pageSize);
    const last = items.at(-1);
    return {
      Bucket,
      IsTruncated: token !== undefined,
      Uploads: items.map(({ id, key, startedAt }) => ({ Key: key, UploadId: id, Initiated: startedAt })),
      ...(token === undefined ? {} : { NextKeyMarker: last!.key, NextUploadIdMarker: last!.id }),
    };
  },

  ListParts(input: Of<sdk.ListPartsRequest>, world: World): sdk.ListPartsOutput {
    const { parts } = requireUpload(world, input, 's3:ListMultipartUploadParts');
    return {
      IsTruncated: false,
      Parts: [...parts].map(([PartNumber, { body, etag }]) => ({
        PartNumber,
        ETag: etag,
        Size: body.length,
      })),
    };
  },
};
