import type { EventSource, Rejection } from '../event.ts';
import type { ObjectStore, Session } from '../ports.ts';
import { prepareQuarantine, writeQuarantine, type Quarantined } from '../store/quarantine.ts';
import {
  displaceLater,
  insertStaged,
  judgeStaged,
  prepareStage,
  resolveStaged,
  stageRows,
  type Displaced,
} from '../store/stage.ts';
import { partitionOf, timeOfKey, type PartitionStart } from '../time/partition.ts';
import type { Chunk, Waiting } from './chunk.ts';
import { findRawEvent } from './raw-event.ts';

/** What became of a chunk's events, counted by PostgreSQL. */
export interface Written {
  readonly loaded: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly filtered: number;
  readonly reasons: ReadonlyMap<string, number>;
  readonly unknownNames: ReadonlyMap<string, number>;
}

/** Makes the temporary tables; once per transaction. */
export async function prepareLoad(session: Session): Promise<void> {
  await prepareStage(session);
  await prepareQuarantine(session);
}

/**
 * Writes a chunk in the transaction of its partition: new ids become rows, the same content again is counted,
 * other content under a known id goes to quarantine.
 * @param options.rewrite reprocessing: rows follow the present rules, and quarantined events that load are resolved
 */
export async function writeChunk(
  deps: { readonly store: ObjectStore; readonly session: Session },
  chunk: Chunk,
  options: { readonly runId: string; readonly rewrite: boolean },
): Promise<Written> {
  const { session } = deps;
  const { runId } = options;
  let [loaded, duplicates] = [0, 0];
  const rejected = [...chunk.rejected];
  const gaveWay: Displaced[] = [];
  const conflict = (waiting: Waiting): void => {
    rejected.push(conflictOf(waiting, chunk.texts.textOf(waiting.text)));
  };

  if (chunk.first.size > 0) {
    const first = [...chunk.first.values()];
    const staged = await stageRows(session, chunk.firstLines());
    loaded = await insertStaged(session, runId);
    if (loaded < staged) {
      const { replaced, displaced } = await displaceLater(session, runId, options.rewrite);
      duplicates += replaced - displaced.length;
      gaveWay.push(...displaced);
      const judged = await judgeStaged(session, runId);
      duplicates += judged.duplicates;
      pick(first, judged.conflicts).forEach(conflict);
    }
    if (options.rewrite) await resolveStaged(session, runId);
  }
  if (chunk.later.length > 0) {
    await stageRows(session, chunk.laterLines());
    const judged = await judgeStaged(session, runId);
    duplicates += judged.duplicates;
    pick(chunk.later, judged.conflicts).forEach(conflict);
  }
  // An event that takes a row's place counts as the rejection of the one that had it, unless that one was read
  // again just now and is counted by itself.
  const counted = new Set(rejected.map(({ source }) => nameOf(source)));
  for (const row of gaveWay) {
    if (counted.has(nameOf({ key: row.source_key, index: row.source_index }))) loaded += 1;
    else rejected.push(await quarantineDisplaced(deps.store, row));
  }
  const { quarantined, resolved } = await writeQuarantine(session, rejected, runId);
  return {
    loaded,
    duplicates: duplicates + resolved,
    quarantined,
    filtered: chunk.filtered,
    reasons: countReasons(rejected),
    unknownNames: chunk.unknownNames,
  };
}

function pick(waiting: readonly Waiting[], sources: readonly EventSource[]): Waiting[] {
  if (sources.length === 0) return [];
  const wanted = new Set(sources.map(nameOf));
  return waiting.filter(({ source }) => wanted.has(nameOf(source)));
}

function nameOf({ key, index }: EventSource): string {
  return `${key}#${index}`;
}

const CONFLICT = (eventId: string): Rejection => ({
  reason: 'id_conflict',
  field: 'eventId',
  expected: 'an id of its own, or the same content again',
  found: `${JSON.stringify(eventId)} with other content`,
});

function conflictOf({ source, eventId, modifiedAtMs }: Waiting, text: string): Quarantined {
  const partition = partitionOfSource(source.key, modifiedAtMs);
  return { source, rejection: CONFLICT(eventId), eventId, partition, modifiedAtMs, text };
}

/** A row that gave way to an earlier receipt of its id. Its raw text is read again; only the store has it. */
async function quarantineDisplaced(store: ObjectStore, displaced: Displaced): Promise<Quarantined> {
  const source = { key: displaced.source_key, index: displaced.source_index };
  const modifiedAtMs = displaced.event_timestamp.getTime();
  return {
    source,
    rejection: CONFLICT(displaced.event_id),
    eventId: displaced.event_id,
    partition: partitionOfSource(source.key, modifiedAtMs),
    modifiedAtMs,
    text: (await findRawEvent(store, source).catch(() => null)) ?? JSON.stringify(displaced.row),
  };
}

function partitionOfSource(key: string, fallbackMs: number): PartitionStart {
  const time = timeOfKey(key);
  return time?.hourMs ?? partitionOf(fallbackMs);
}

function countReasons(rejected: readonly Quarantined[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rejection } of rejected) counts.set(rejection.reason, (counts.get(rejection.reason) ?? 0) + 1);
  return counts;
}
