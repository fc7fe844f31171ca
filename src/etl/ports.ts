/** What the ETL core needs from the world. The adapters conform; tests use the real ones. */

/** One object of a listing. */
export interface ObjectInfo {
  /** Key below the store's root, such as `events/2025/12/06/05/event-<uuid>.json`. */
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
  /** LastModified, epoch milliseconds. */
  readonly modifiedAtMs: number;
  /** Changes whenever the content changes: the ETag in S3, size and mtime in a directory. */
  readonly version: string;
}

/** Keys with `from <= key < before`, in code unit order. */
export interface KeyRange {
  readonly from: string;
  readonly before: string;
}

/** A small object comes whole, a large one (over READ_WHOLE_BYTES) as a stream of its bytes. */
export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

/** Objects up to this size are read in one piece; larger ones are streamed so that memory stays flat. */
export const READ_WHOLE_BYTES = 1024 * 1024;

/**
 * The raw store. Two real ones: a directory and S3 (src/adapters); test/contracts/object-store.ts holds
 * both to the same behaviour.
 */
export interface ObjectStore {
  /** For people: `s3://bucket/prefix` or the directory's absolute path. */
  readonly url: string;
  /** How many reads at once serve this store best; a flag may override it. */
  readonly readsInFlight: number;
  /**
   * Pages of objects in key order, to the very end. A page may be empty. Only what is asked for is listed.
   * @throws SbwError RAW_STORE_* (kind environment) when the store is missing or refuses.
   */
  list(range: KeyRange): AsyncIterable<readonly ObjectInfo[]>;
  /** @throws SbwError RAW_OBJECT_* when this object cannot be read; the caller records it as unreadable. */
  read(object: Pick<ObjectInfo, 'key' | 'size'>): Promise<ObjectBody>;
  /**
   * Resolves only when the object is durable. Never replaces an existing object: a taken key is an error.
   * @throws SbwError RAW_STORE_WRITE_FAILED
   */
  write(key: string, body: Uint8Array, contentType: string): Promise<void>;
  close(): Promise<void>;
}

export interface QueryResult<R> {
  readonly rows: R[];
  /** Rows inserted, updated, deleted or returned, as PostgreSQL reports them. */
  readonly rowCount: number;
}

/** One PostgreSQL connection, in or out of a transaction. */
export interface Session {
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<QueryResult<R>>;
  /** `COPY ... FROM STDIN` with the given chunks of COPY text; resolves to the number of rows copied. */
  copyIn(sql: string, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<number>;
}

/** The warehouse's PostgreSQL server. */
export interface Database {
  /** For people, without the password: `postgres://user@host:5432/clickstream_dw`. */
  readonly url: string;
  /** A connection of one's own while `use` runs. */
  withSession<T>(use: (session: Session) => Promise<T>): Promise<T>;
  /** BEGIN, `use`, COMMIT; ROLLBACK when `use` throws. */
  withTransaction<T>(use: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
