import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { SEED_FIELDS } from '../../src/etl/contract/fields.ts';
import { BUCKET } from './s3.ts';

/**
 * The algorithm this ETL replaces, written as it was described: list all keys through the SDK, get one object at a
 * time, JSON.parse, INSERT 200 rows a transaction into a table that has nothing but its primary key. It does no
 * checks, keeps no ledger and no lineage, so the comparison favours it.
 */
export interface Baseline {
  /** Makes its table anew. */
  empty(): Promise<void>;
  /** Loads the first `limit` events. @returns rows sent */
  load(endpointUrl: string, limit: number): Promise<number>;
  close(): Promise<void>;
}

const ROWS_PER_INSERT = 200;
const COLUMNS = SEED_FIELDS.map(({ column }) => column);

export async function openBaseline(databaseUrl: string): Promise<Baseline> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const s3 = new Map<string, S3Client>();
  return {
    empty: async () => {
      const columns = 'LIKE public.clickstream_events INCLUDING DEFAULTS, PRIMARY KEY (event_id)';
      await client.query(
        `DROP TABLE IF EXISTS baseline_events; CREATE TABLE baseline_events (${columns}); CHECKPOINT`,
      );
    },
    load: async (endpointUrl, limit) => {
      const sdk =
        s3.get(endpointUrl) ??
        new S3Client({ endpoint: endpointUrl, region: 'us-east-1', forcePathStyle: true });
      s3.set(endpointUrl, sdk);
      const rows: Row[] = [];
      for (const key of await listKeys(sdk, limit)) {
        const { Body } = await sdk.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
        rows.push(rowOf(JSON.parse(await Body!.transformToString()) as Payload));
      }
      for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
        await insert(client, rows.slice(at, at + ROWS_PER_INSERT));
      }
      return rows.length;
    },
    close: async () => {
      for (const sdk of s3.values()) sdk.destroy();
      await client.end();
    },
  };
}

type Payload = Record<string, unknown> & {
  product?: Record<string, unknown>;
  _ingest: { receivedAt: string };
};
type Row = unknown[];

async function listKeys(sdk: S3Client, limit: number): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await sdk.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'events/', ContinuationToken: token }),
    );
    for (const { Key } of page.Contents ?? []) keys.push(Key!);
    token = page.NextContinuationToken;
  } while (token !== undefined && keys.length < limit);
  return keys.slice(0, limit);
}

/** In the order of SEED_FIELDS. */
function rowOf({ product = {}, _ingest, ...event }: Payload): Row {
  return [
    event['eventId'],
    _ingest.receivedAt,
    event['eventName'],
    event['userId'],
    event['userLoginState'],
    event['identity_source'],
    event['clientId'],
    event['sessionId'],
    event['isFirstVisit'],
    product['id'],
    product['name'],
    product['category'],
    product['brand'],
    product['price'],
    product['discountPrice'],
    product['urlPath'],
  ];
}

async function insert(client: pg.Client, rows: readonly Row[]): Promise<void> {
  const places = rows.map(
    (row, at) => `(${row.map((_, index) => `$${at * row.length + index + 1}`).join(', ')})`,
  );
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO baseline_events (${COLUMNS.join(', ')}) VALUES ${places.join(', ')} ON CONFLICT (event_id) DO NOTHING`,
    rows.flat(),
  );
  await client.query('COMMIT');
}
