import { COLUMNS, LINEAGE_COLUMNS } from '../../src/etl/contract/fields.ts';
import { decodeBytes } from '../../src/etl/decode/decode.ts';
import { Chunk } from '../../src/etl/load/chunk.ts';
import type { Database, ObjectInfo, ObjectStore } from '../../src/etl/ports.ts';
import { insertStaged, prepareStage } from '../../src/etl/store/stage.ts';
import { keyRangeOf } from '../../src/etl/time/partition.ts';
import { FIRST_HOUR_MS, makeObjects, type Filling } from './events.ts';
import { windowOf } from './load.ts';

/** No loader can be faster than listing, reading and JSON.parse. @returns events parsed */
export async function readAndParse(
  store: ObjectStore,
  hours: number,
  readsInFlight: number,
): Promise<number> {
  const { fromMs, beforeMs } = windowOf(hours);
  const objects = objectsOf(store.list(keyRangeOf(fromMs, beforeMs)));
  let events = 0;
  const reader = async (): Promise<void> => {
    for (let next = await objects.next(); next.done !== true; next = await objects.next()) {
      const body = await store.read(next.value);
      if (!(body instanceof Uint8Array)) throw new Error('This ceiling is for small objects.');
      JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
      events += 1;
    }
  };
  await Promise.all(Array.from({ length: readsInFlight }, reader));
  return events;
}

async function* objectsOf(pages: AsyncIterable<readonly ObjectInfo[]>): AsyncGenerator<ObjectInfo> {
  for await (const page of pages) yield* page;
}

/** Rows ready for COPY: one list of buffers for each chunk that a load would write. */
export type PreparedRows = readonly (readonly Buffer[])[];

export function prepareRows(filling: Filling): PreparedRows {
  const prepared: Buffer[][] = [];
  let chunk = new Chunk(FIRST_HOUR_MS);
  const flush = (): void => {
    if (!chunk.isEmpty) prepared.push(chunk.firstLines());
    chunk = new Chunk(FIRST_HOUR_MS);
  };
  for (const { key, body } of makeObjects(filling)) {
    for (const [index, decoded] of decodeBytes(body).entries()) {
      chunk.add(decoded, { key, index }, FIRST_HOUR_MS);
      if (chunk.isFull) flush();
    }
  }
  flush();
  return prepared;
}

/** No loader can be faster than COPY into the stage and INSERT from there. @returns rows inserted */
export function copyPrepared(database: Database, prepared: PreparedRows): Promise<number> {
  const columns = COLUMNS.filter((column) => column !== LOADED_RUN).join(', ');
  return database.withTransaction(async (session) => {
    await prepareStage(session);
    let inserted = 0;
    for (const buffers of prepared) {
      await session.query('TRUNCATE sbw_stage');
      await session.copyIn(`COPY sbw_stage (${columns}) FROM STDIN`, buffers);
      inserted += await insertStaged(session, 'bench');
    }
    return inserted;
  });
}

const LOADED_RUN = LINEAGE_COLUMNS[2];
