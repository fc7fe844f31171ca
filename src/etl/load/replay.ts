import { SbwError } from '../../errors.ts';
import { decodeBytes } from '../decode/decode.ts';
import type { Decoded } from '../event.ts';
import type { Clock, Database, ObjectStore, Session } from '../ports.ts';
import { refreshRollups } from '../rollups/refresh.ts';
import { listQuarantine, type QuarantineFilter, type QuarantineRow } from '../store/quarantine.ts';
import { finishRun, startRun } from '../store/runs.ts';
import { Chunk } from './chunk.ts';
import { applyEdits, type Edit } from './edit.ts';
import { addCounts } from './load.ts';
import { prepareLoad, writeChunk } from './write.ts';
import { hostname } from 'node:os';

export interface ReplayReport {
  readonly runId: string;
  readonly isDryRun: boolean;
  /** Quarantined events that were tried: loaded + duplicates + quarantined + filtered. */
  readonly tried: number;
  readonly loaded: number;
  /** The warehouse has the same event already. */
  readonly duplicates: number;
  /** Still rejected; each counts another attempt. */
  readonly quarantined: number;
  readonly filtered: number;
  readonly balanced: boolean;
  readonly reasons: Readonly<Record<string, number>>;
}

const PAGE = 1000;

/**
 * Tries quarantined events again by the present rules, with edits if any. What loads is resolved and stays for
 * audit; what does not comes back with another attempt. Each page of 1,000 commits by itself: killed, run again.
 * A dry run does all of it and rolls back.
 */
export async function replayQuarantine(
  deps: { readonly store: ObjectStore; readonly database: Database; readonly clock: Clock; newId(): string },
  selection: Omit<QuarantineFilter, 'state' | 'limit'>,
  options: {
    readonly edits: readonly Edit[];
    readonly isDryRun: boolean;
    readonly arguments: Record<string, unknown>;
  },
): Promise<ReplayReport> {
  const runId = `r_${deps.newId().replaceAll('-', '').slice(0, 12)}`;
  const totals = { tried: 0, loaded: 0, duplicates: 0, quarantined: 0, filtered: 0 };
  const reasons: Record<string, number> = {};
  if (!options.isDryRun) {
    await deps.database.withSession((session) =>
      startRun(session, {
        runId,
        kind: 'replay',
        arguments: options.arguments,
        partitions: [],
        host: hostname(),
        pid: process.pid,
      }),
    );
  }
  const filter = { ...selection, state: 'open' as const, limit: PAGE };
  for (let afterId: string | undefined = ''; afterId !== undefined;) {
    const from: string = afterId;
    afterId = await inTransaction(deps.database, options.isDryRun, async (session) => {
      const rows = await listQuarantine(session, filter, from);
      for (const chunk of chunksOf(rows, options.edits)) {
        const written = await writeChunk({ store: deps.store, session }, chunk, { runId, rewrite: false });
        for (const name of ['loaded', 'duplicates', 'quarantined', 'filtered'] as const)
          totals[name] += written[name];
        addCounts(reasons, written.reasons);
      }
      await resolveLoaded(session, rows, runId);
      totals.tried += rows.length;
      return rows.length < PAGE ? undefined : rows.at(-1)!.quarantine_id;
    });
  }
  const { tried, loaded, duplicates, quarantined, filtered } = totals;
  const balanced = tried === loaded + duplicates + quarantined + filtered;
  const report = { runId, isDryRun: options.isDryRun, ...totals, balanced, reasons };
  if (!options.isDryRun) {
    // Whatever is wrong with them is not the replay's: they stay marked, and the next load tries again.
    await refreshRollups(deps.database).catch(() => undefined);
    await deps.database.withSession((session) =>
      finishRun(session, runId, { state: 'done', notDone: [], report }),
    );
  }
  return report;
}

class RolledBack extends Error {}

async function inTransaction<T>(
  database: Database,
  isDryRun: boolean,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  let value: { of: T } | undefined;
  try {
    await database.withTransaction(async (session) => {
      await prepareLoad(session);
      value = { of: await use(session) };
      if (isDryRun) throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return value!.of;
}

/** The events of one partition at a time, since a chunk belongs to one. */
function chunksOf(rows: readonly QuarantineRow[], edits: readonly Edit[]): Chunk[] {
  const chunks = new Map<number, Chunk>();
  for (const row of rows) {
    const partition = row.partition_start.getTime();
    const chunk = chunks.get(partition) ?? new Chunk(partition);
    chunks.set(partition, chunk);
    const source = { key: row.source_key, index: row.source_index };
    chunk.add(decodeOne(row, edits), source, row.modified_at.getTime());
  }
  return [...chunks.values()];
}

/** The event of a quarantine row: exactly one, or what is wrong with its text. */
function decodeOne(row: QuarantineRow, edits: readonly Edit[]): Decoded {
  const decoded = decodeBytes(Buffer.from(row.raw_text));
  const [first] = decoded;
  if (decoded.length !== 1 || first === undefined) {
    const { reason, field, expected, found } = row;
    return { kind: 'rejected', rejection: { reason, field, expected, found }, text: row.raw_text };
  }
  if (first.kind === 'rejected' || edits.length === 0) return first;
  // The edited event is judged; the text in quarantine stays what the client sent.
  return { kind: 'event', event: applyEdits(first.event, edits), text: row.raw_text, isUnusual: true };
}

/** Whatever is a row or a duplicate of one now is resolved. Those still rejected were just written again. */
async function resolveLoaded(session: Session, rows: readonly QuarantineRow[], runId: string): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await session.query(
    `UPDATE sbw.quarantine SET state = 'resolved', resolved_at = now(), resolved_run = $1
      WHERE quarantine_id = ANY ($2) AND state = 'open' AND run_id <> $1`,
    [runId, rows.map((row) => row.quarantine_id)],
  );
  if (rowCount > rows.length)
    throw new SbwError('REPLAY_UNBALANCED', 'More was resolved than tried.', { kind: 'unbalanced' });
}
