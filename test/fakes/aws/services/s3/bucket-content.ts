import { createHash, randomBytes } from 'node:crypto';
import { md5 } from '../../world/ids.ts';

export interface ObjectVersion {
  readonly key: string;
  /** `null` while the bucket is not versioned, as S3 says it. */
  readonly versionId: string;
  readonly isMarker: boolean;
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAt: Date;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** By number. */
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

export type NewObject = Pick<ObjectVersion, 'key' | 'body' | 'modifiedAt'> &
  Partial<Pick<ObjectVersion, 'contentType' | 'metadata' | 'etag'>>;

/** What lies in one bucket: versions of objects, delete markers, unfinished uploads. */
export class BucketContent {
  versioning: 'off' | 'Enabled' | 'Suspended';
  readonly uploads = new Map<string, Upload>();
  /** Newest first. */
  readonly #versions = new Map<string, ObjectVersion[]>();
  #sorted: string[] | null = null;

  constructor(versioning: 'off' | 'Enabled' | 'Suspended' = 'off') {
    this.versioning = versioning;
  }

  /** Unfinished uploads do not count: S3 deletes such a bucket too. */
  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  put(object: NewObject): ObjectVersion {
    return this.#add({
      contentType: 'application/octet-stream',
      metadata: {},
      etag: `"${md5(object.body)}"`,
      ...object,
      versionId: this.#newVersionId(),
      isMarker: false,
    });
  }

  /** The object as a plain GET sees it. */
  current(key: string): ObjectVersion | undefined {
    const newest = this.#versions.get(key)?.[0];
    return newest?.isMarker === true ? undefined : newest;
  }

  /** A version or marker; undefined when there is none. */
  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.find((one) => one.versionId === versionId);
  }

  newest(key: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.[0];
  }

  /** Without a version: hides the object behind a marker, or deletes it where nothing is versioned. */
  delete(
    key: string,
    versionId: string | undefined,
    at: Date,
  ): { marker: ObjectVersion | null; removed: ObjectVersion | null } {
    if (versionId !== undefined) return { marker: null, removed: this.#removeVersion(key, versionId) };
    if (this.versioning === 'off') return { marker: null, removed: this.#removeVersion(key, 'null') };
    const marker = {
      key,
      versionId: this.#newVersionId(),
      isMarker: true,
      body: Buffer.alloc(0),
      etag: '',
      modifiedAt: at,
      contentType: '',
      metadata: {},
    };
    return { marker: this.#add(marker), removed: null };
  }

  /** Keys that have any version, in the order of their UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.#versions.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    return this.#sorted;
  }

  /** Newest first. */
  versionsOf(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? [];
  }

  #add(version: ObjectVersion): ObjectVersion {
    const others = this.#versions.get(version.key);
    if (others === undefined) this.#sorted = null;
    const kept = (others ?? []).filter(({ versionId }) => versionId !== version.versionId);
    this.#versions.set(version.key, [version, ...kept]);
    return version;
  }

  #removeVersion(key: string, versionId: string): ObjectVersion | null {
    const versions = this.#versions.get(key) ?? [];
    const removed = versions.find((one) => one.versionId === versionId) ?? null;
    const left = versions.filter((one) => one !== removed);
    if (left.length > 0) {
      this.#versions.set(key, left);
    } else if (this.#versions.delete(key)) {
      this.#sorted = null;
    }
    return removed;
  }

  #newVersionId(): string {
    return this.versioning === 'Enabled' ? randomBytes(16).toString('base64url') : 'null';
  }
}

/** The ETag of an object that came in parts: the hash of the hashes, and how many. */
export function multipartEtag(parts: readonly { readonly body: Buffer }[]): string {
  const hashes = parts.map(({ body }) => createHash('md5').update(body).digest());
  return `"${md5(Buffer.concat(hashes))}-${parts.length}"`;
}
