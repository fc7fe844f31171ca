import type { Session } from '../ports.ts';
import type { PartitionStart } from '../time/partition.ts';

export type RunState = 'running' | 'done' | 'interrupted' | 'failed';

/** One row of `sbw.runs`. A run that was killed stays `running`; `isAlive` tells whether it still holds on. */
export interface Run {
  readonly run_id: string;
  readonly kind: string;
  readonly state: RunState;
  readonly arguments: Record<string, unknown>;
  readonly partitions: PartitionStart[];
  readonly not_done: PartitionStart[];
  readonly report: Record<string, unknown> | null;
  readonly host: string;
  readonly pid: number;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly is_alive: boolean;
}

/** The name of a run's connections in pg_stat_activity. */
export function applicationName(runId: string): string {
  return `sbw ${runId}`;
}

const toInstants = (partitions: readonly PartitionStart[]): string[] =>
  partitions.map((start) => new Date(start).toISOString());

export async function startRun(
  session: Session,
  run: {
    readonly runId: string;
    readonly kind: string;
    readonly arguments: Record<string, unknown>;
    readonly partitions: readonly PartitionStart[];
    readonly host: string;
    readonly pid: number;
  },
): Promise<void> {
  await session.query(
    `INSERT INTO sbw.runs (run_id, kind, state, arguments, partitions, not_done, host, pid)
     VALUES ($1, $2, 'running', $3, $4, $4, $5, $6)`,
    [run.runId, run.kind, JSON.stringify(run.arguments), toInstants(run.partitions), run.host, run.pid],
  );
}

export async function finishRun(
  session: Session,
  runId: string,
  end: { readonly state: RunState; readonly notDone: readonly PartitionStart[]; readonly report: unknown },
): Promise<void> {
  await session.query(
    `UPDATE sbw.runs SET state = $2, not_done = $3, report = $4, finished_at = now() WHERE run_id = $1`,
    [runId, end.state, toInstants(end.notDone), JSON.stringify(end.report)],
  );
}

/** The newest runs first. */
export async function listRuns(session: Session, limit: number): Promise<Run[]> {
  const { rows } = await session.query<RunRow>(`${SELECT_RUN} ORDER BY started_at DESC, run_id LIMIT $1`, [
    limit,
  ]);
  return rows.map(runOf);
}

export async function findRun(session: Session, runId: string): Promise<Run | null> {
  const { rows } = await session.query<RunRow>(`${SELECT_RUN} WHERE run_id = $1`, [runId]);
  return rows[0] === undefined ? null : runOf(rows[0]);
}

/**
 * Partitions that a run planned and nobody has loaded since: those of runs that were killed, stopped or failed.
 * An incremental run goes on with them, however old they are.
 */
export async function readUnfinishedPartitions(session: Session): Promise<PartitionStart[]> {
  const { rows } = await session.query<{ start: Date }>(
    `SELECT DISTINCT planned AS start FROM sbw.runs, unnest(not_done) AS planned
      WHERE state <> 'done' AND NOT EXISTS (SELECT FROM sbw.ledger WHERE partition_start = planned) ORDER BY 1`,
  );
  return rows.map((row) => row.start.getTime());
}

interface RunRow extends Omit<Run, 'partitions' | 'not_done'> {
  partitions: Date[];
  not_done: Date[];
}

const SELECT_RUN = `SELECT run_id, kind, state, arguments, partitions, not_done, report, host, pid, started_at,
    finished_at, EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'sbw ' || run_id) AS is_alive
  FROM sbw.runs`;

function runOf(row: RunRow): Run {
  const times = (dates: readonly Date[]): PartitionStart[] => dates.map((date) => date.getTime());
  return { ...row, partitions: times(row.partitions), not_done: times(row.not_done) };
}
