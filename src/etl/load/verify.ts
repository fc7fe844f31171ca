import { SbwError } from '../../errors.ts';
import { decodeStream } from '../decode/body.ts';
import type { Window } from '../plan/plan.ts';
import { listPartition, surveyWindow } from '../plan/survey.ts';
import type { Database, ObjectStore, Session } from '../ports.ts';
import { quarantineId } from '../store/quarantine.ts';
import { compareStaged, countStrangers, prepareStage, rememberKeys, stageRows } from '../store/stage.ts';
import { hourPrefix, keyRangeOf, type PartitionStart } from '../time/partition.ts';
import { Chunk } from './chunk.ts';

/** One event that the raw store has and the warehouse does not, or not like this. */
export interface VerifyFinding {
  readonly kind: 'missing' | 'different';
  readonly source_key: string;
  readonly source_index: number;
  readonly event_id: string | null;
}

export interface VerifyReport {
  readonly window: Window;
  readonly objects: { read: number; unreadable: number };
  /** read = in_warehouse + in_quarantine + filtered + missing + different */
  readonly events: {
    read: number;
    in_warehouse: number;
    in_quarantine: number;
    filtered: number;
    missing: number;
    different: number;
  };
  /** Rows whose raw object is not in the store (any more). */
  readonly rows_without_object: number;
  /** Nothing is missing, different or uncounted. */
  readonly consistent: boolean;
  /** At most 100. */
  readonly findings: readonly VerifyFinding[];
  readonly unreadable: readonly { key: string; reason: string }[];
}

const FINDINGS_SHOWN = 100;

/**
 * Reads every raw object of the window again and looks each event up in the warehouse and in quarantine. Asks
 * neither the ledger nor the counts of any run: it is the check upon them. Changes nothing.
 */
export async function verify(
  deps: { readonly store: ObjectStore; readonly database: Database },
  window: Window,
  onPartition: (partition: PartitionStart) => void = () => undefined,
): Promise<VerifyReport> {
  const report = {
    window,
    objects: { read: 0, unreadable: 0 },
    events: { read: 0, in_warehouse: 0, in_quarantine: 0, filtered: 0, missing: 0, different: 0 },
    rows_without_object: 0,
    findings: [] as VerifyFinding[],
    unreadable: [] as { key: string; reason: string }[],
  };
  const { listings } = await surveyWindow(deps.store, window);
  await deps.database.withTransaction(async (session) => {
    await prepareStage(session);
    for (const { partition, flatObjects } of listings) {
      onPartition(partition);
      await verifyPartition(deps.store, session, partition, flatObjects > 0, report);
    }
    report.rows_without_object = await countStrangers(session, keysOf(window));
  });
  const { read, in_warehouse, in_quarantine, filtered, missing, different } = report.events;
  const consistent =
    missing === 0 &&
    different === 0 &&
    read === in_warehouse + in_quarantine + filtered &&
    report.objects.unreadable === 0;
  return { ...report, consistent };
}

type OpenReport = { -readonly [K in keyof VerifyReport]: VerifyReport[K] } & {
  findings: VerifyFinding[];
  unreadable: { key: string; reason: string }[];
};

async function verifyPartition(
  store: ObjectStore,
  session: Session,
  partition: PartitionStart,
  hasFlatObjects: boolean,
  report: Omit<OpenReport, 'consistent'>,
): Promise<void> {
  let chunk = new Chunk(partition);
  const flush = async (): Promise<void> => {
    if (!chunk.isEmpty) await judge(session, chunk, report);
    chunk = new Chunk(partition);
  };
  for await (const page of listPartition(store, partition, hasFlatObjects)) {
    await rememberKeys(
      session,
      page.map(({ key }) => key),
    );
    for (const object of page) {
      try {
        let index = 0;
        for await (const decoded of decodeStream(await store.read(object))) {
          for (const piece of decoded) {
            report.events.read += 1;
            chunk.add(piece, { key: object.key, index: index++ }, object.modifiedAtMs);
          }
          if (chunk.isFull) await flush();
        }
        report.objects.read += 1;
      } catch (error) {
        if (!(error instanceof SbwError) || !error.code.startsWith('RAW_OBJECT_')) throw error;
        report.objects.unreadable += 1;
        if (report.unreadable.length < FINDINGS_SHOWN)
          report.unreadable.push({ key: object.key, reason: error.message });
      }
    }
  }
  await flush();
}

async function judge(session: Session, chunk: Chunk, report: Omit<OpenReport, 'consistent'>): Promise<void> {
  const { events } = report;
  events.filtered += chunk.filtered;
  const rows = [...chunk.first.values(), ...chunk.later];
  if (rows.length > 0) {
    await stageRows(session, [chunk.lines.all]);
    const compared = await compareStaged(session);
    events.in_warehouse += compared.in_warehouse;
    events.in_quarantine += compared.in_quarantine;
    for (const finding of compared.findings) note(report, finding);
  }
  if (chunk.rejected.length === 0) return;
  const ids = chunk.rejected.map(({ source }) => quarantineId(source));
  const found = await session.query<{ quarantine_id: string }>(
    'SELECT quarantine_id FROM sbw.quarantine WHERE quarantine_id = ANY ($1)',
    [ids],
  );
  const there = new Set(found.rows.map((row) => row.quarantine_id));
  events.in_quarantine += there.size;
  for (const { source, eventId } of chunk.rejected) {
    if (there.has(quarantineId(source))) continue;
    note(report, { kind: 'missing', source_key: source.key, source_index: source.index, event_id: eventId });
  }
}

function note(report: Omit<OpenReport, 'consistent'>, finding: VerifyFinding): void {
  report.events[finding.kind] += 1;
  if (report.findings.length < FINDINGS_SHOWN) report.findings.push(finding);
}

/** Keys of whole hours, when the window is within one day or begins on one; strangers are looked for there. */
function keysOf(window: Window): { from: string; before: string } {
  const days = keyRangeOf(window.fromMs, window.beforeMs);
  const first = hourPrefix(window.fromMs);
  const last = hourPrefix(window.beforeMs - 1);
  return { from: first > days.from ? first : days.from, before: `${last.slice(0, -1)}0` };
}
