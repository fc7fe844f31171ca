/** S3 as teardown needs it. "Gone" is never an error here. Implemented by adapters/aws/buckets.ts. */

export interface BucketDescription {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** `denyWrites` was called and not taken back. */
  readonly isWriteDenied: boolean;
}

/** One version of an object, or the marker that stands for its deletion. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` is also S3's own name for the version of an unversioned object. */
  readonly versionId: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
}

/** A multipart upload that was begun and never completed: it is billed, and listed nowhere else. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** A version that S3 would not delete. */
export interface Refusal {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/** As many versions as one call deletes. */
export const DELETE_LIMIT = 1000;

export interface Buckets {
  /** Null when there is no such bucket. */
  describeBucket(name: string): Promise<BucketDescription | null>;
  /** Versions and markers in the order of their keys, up to 1,000 a page; nothing when the bucket is gone. */
  listVersions(name: string): AsyncIterable<readonly ObjectVersion[]>;
  /** @param versions at most DELETE_LIMIT */
  deleteVersions(
    name: string,
    versions: readonly Pick<ObjectVersion, 'key' | 'versionId'>[],
  ): Promise<readonly Refusal[]>;
  listUploads(name: string): AsyncIterable<readonly UnfinishedUpload[]>;
  abortUpload(name: string, upload: UnfinishedUpload): Promise<void>;
  /** False when S3 says that something is in it. */
  deleteBucket(name: string): Promise<boolean>;
  /** Nobody may put objects from now on, whoever it is. The rest of the bucket's policy stays. */
  denyWrites(name: string): Promise<void>;
  allowWrites(name: string): Promise<void>;
}
