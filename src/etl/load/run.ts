import { hostname } from 'node:os';
import { SbwError } from '../../errors.ts';
import { addAccounting, emptyAccounting, isBalanced, type Accounting } from '../accounting.ts';
import type { LoadPlan, PartitionPlan } from '../plan/plan.ts';
import type { Clock, Database, ObjectStore } from '../ports.ts';
import type { RefreshReport } from '../rollups/refresh.ts';
import { Upkeep } from '../rollups/upkeep.ts';
import { applicationName, finishRun, startRun, type RunState } from '../store/runs.ts';
import type { PartitionStart } from '../time/partition.ts';
import { addCounts, loadPartition, type LoadDeps } from './load.ts';
import { Limit } from './queue.ts';
import type { LoadEvent, RunReport } from './report.ts';

export interface RunDeps {
  readonly store: ObjectStore;
  readonly database: Database;
  readonly clock: Clock;
  newId(): string;
  emit(event: LoadEvent): void;
  /** Start no further partition; running ones are finished. */
  readonly stop: AbortSignal;
  /** Leave at once; running partitions are rolled back. */
  readonly now: AbortSignal;
}

export interface RunOptions {
  readonly kind: 'run' | 'backfill' | 'retry' | 'scheduled';
  /** Partitions at once. Each takes one connection. */
  readonly parallel: number;
  /** Reads at once over all partitions; the store knows a good number. */
  readonly readsInFlight?: number;
  /** For `sbw runs show`; never secrets. */
  readonly arguments: Record<string, unknown>;
}

const MAX_ATTEMPTS = 4;
const UNREADABLE_SHOWN = 100;
/** Of the reads in flight, so many may be of large objects, which are held until they are decoded. */
const LARGE_READS = 8;

/**
 * Two hours that are large keep reader and PostgreSQL busy, one being read while the other is written; more would
 * only hold more memory. Small hours are mostly waiting for answers: those go `parallel` at once.
 */
const LARGE_PARTITIONS = 2;
const LARGE_PARTITION_OBJECTS = 1000;
const LARGE_PARTITION_BYTES = 4 * 1024 * 1024;

function isLarge({ objects, alreadyLoaded, bytes }: PartitionPlan): boolean {
  return objects - alreadyLoaded > LARGE_PARTITION_OBJECTS || bytes > LARGE_PARTITION_BYTES;
}

/**
 * Executes a plan, partition by partition, and accounts for every object and event it saw. A partition that
 * fails does not stop the others. Killed at any moment, the same command goes on where it ended.
 */
export async function runPlan(deps: RunDeps, plan: LoadPlan, options: RunOptions): Promise<RunReport> {
  const run = new RunInProgress(deps, plan, options);
  // One connection bears the run's name from beginning to end: others see that it is alive.
  return deps.database.withSession(async (session) => {
    await session.query(`SELECT set_config('application_name', $1, false)`, [applicationName(run.runId)]);
    await run.begin();
    try {
      await run.loadAll();
      await run.refresh();
    } catch (error) {
      await run.end('failed').catch(() => undefined);
      throw error;
    } finally {
      await run.settle();
      await session.query('RESET application_name').catch(() => undefined);
    }
    return run.end();
  });
}

class RunInProgress {
  readonly runId: string;
  readonly #startedAt: number;
  readonly #accounting: Accounting = emptyAccounting();
  readonly #quarantine: Record<string, number> = {};
  readonly #unknownNames: Record<string, number> = {};
  readonly #unreadable: { key: string; reason: string }[] = [];
  readonly #held: PartitionStart[] = [];
  readonly #failed: { partition: PartitionStart; code: string; message: string }[] = [];
  readonly #waiting: PartitionPlan[];
  #loaded = 0;
  #rollups: RefreshReport | null = null;

  readonly #deps: RunDeps;
  readonly #plan: LoadPlan;
  readonly #options: RunOptions;
  readonly #loadDeps: LoadDeps;
  readonly #largePartitions = new Limit(LARGE_PARTITIONS);
  readonly #upkeep: Upkeep;

  constructor(deps: RunDeps, plan: LoadPlan, options: RunOptions) {
    this.#deps = deps;
    this.#plan = plan;
    this.#upkeep = new Upkeep(deps.database, deps.stop);
    this.#options = options;
    this.runId = `r_${deps.newId().replaceAll('-', '').slice(0, 12)}`;
    this.#startedAt = deps.clock.now().getTime();
    this.#waiting = [...plan.partitions];
    const readsInFlight = options.readsInFlight ?? deps.store.readsInFlight;
    const [reads, largeReads] = [new Limit(readsInFlight), new Limit(LARGE_READS)];
    this.#loadDeps = { ...deps, reads, largeReads, readsInFlight };
    // Counted from both sides: the listing's objects against those the ledger holds.
    this.#accounting.objects.listed = plan.unchanged.objects;
    this.#accounting.objects.already_loaded = plan.unchanged.objectsLoaded;
  }

  async begin(): Promise<void> {
    const { partitions } = this.#plan;
    // A run with nothing to do leaves no trace: the schedule would write thousands of empty rows.
    if (partitions.length > 0) {
      await this.#deps.database.withSession((session) =>
        startRun(session, {
          runId: this.runId,
          kind: this.#options.kind,
          arguments: { ...this.#options.arguments, plan_id: this.#plan.id },
          partitions: partitions.map(({ partition }) => partition),
          host: hostname(),
          pid: process.pid,
        }),
      );
    }
    this.#deps.emit({
      type: 'run-started',
      runId: this.runId,
      partitions: partitions.length,
      objects: sum(partitions.map(({ objects, alreadyLoaded }) => objects - alreadyLoaded)),
      bytes: sum(partitions.map(({ bytes }) => bytes)),
    });
  }

  async loadAll(): Promise<void> {
    const worker = async (): Promise<void> => {
      while (!this.#isStopped()) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        await (isLarge(next) ? this.#largePartitions.run(() => this.#load(next)) : this.#load(next));
      }
    };
    await Promise.all(Array.from({ length: this.#options.parallel }, worker));
  }

  /** What the rollups lack stands marked in the warehouse: should this fail, the next run does it. */
  async refresh(): Promise<void> {
    try {
      this.#rollups = await this.#upkeep.finish();
    } catch (error) {
      this.#deps.emit({ type: 'rollups-failed', message: messageOf(error) });
    }
  }

  /** After it, nothing of this run uses the database. */
  async settle(): Promise<void> {
    await this.#upkeep.settle();
  }

  #isStopped(): boolean {
    return this.#deps.stop.aborted || this.#deps.now.aborted;
  }

  async #load(plan: PartitionPlan): Promise<void> {
    const { partition } = plan;
    this.#deps.emit({ type: 'partition-started', partition, plan });
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await loadPartition(this.#loadDeps, plan, this.runId);
        this.#loaded += 1;
        addAccounting(this.#accounting, result.accounting);
        addCounts(this.#quarantine, Object.entries(result.quarantine));
        addCounts(this.#unknownNames, Object.entries(result.unknownNames));
        this.#unreadable.push(...result.unreadable.slice(0, UNREADABLE_SHOWN - this.#unreadable.length));
        this.#upkeep.noteCommitted(result.accounting.events.loaded);
        this.#deps.emit({ type: 'partition-done', result });
        return;
      } catch (error) {
        if (isTransient(error) && attempt < MAX_ATTEMPTS && !this.#deps.now.aborted) {
          this.#deps.emit({ type: 'retrying', partition, attempt, message: messageOf(error) });
          await this.#deps.clock.sleep(200 * 2 ** attempt * (0.5 + Math.random()));
          continue;
        }
        this.#fail(plan, error);
        return;
      }
    }
  }

  #fail(plan: PartitionPlan, error: unknown): void {
    const code = error instanceof SbwError ? error.code : ((error as { code?: string }).code ?? 'UNEXPECTED');
    if (code === 'PARTITION_HELD') {
      this.#held.push(plan.partition);
      return;
    }
    if (code === 'RUN_STOPPED') {
      this.#waiting.push(plan);
      return;
    }
    const failure = { partition: plan.partition, code, message: messageOf(error) };
    this.#failed.push(failure);
    this.#deps.emit({ type: 'partition-failed', ...failure });
  }

  async end(state?: RunState): Promise<RunReport> {
    const report = this.#report();
    const { held, failed, notStarted } = report.partitions;
    const notDone = [...held, ...failed.map(({ partition }) => partition), ...notStarted];
    const ended = state ?? (report.interrupted ? 'interrupted' : failed.length > 0 ? 'failed' : 'done');
    if (this.#plan.partitions.length > 0) {
      await this.#deps.database.withSession((session) =>
        finishRun(session, this.runId, { state: ended, notDone, report }),
      );
    }
    return report;
  }

  #report(): RunReport {
    return {
      runId: this.runId,
      accounting: this.#accounting,
      balanced: isBalanced(this.#accounting),
      partitions: {
        planned: this.#plan.partitions.length,
        loaded: this.#loaded,
        unchanged: this.#plan.unchanged.partitions,
        held: this.#held,
        failed: this.#failed,
        notStarted: this.#waiting.map(({ partition }) => partition),
      },
      quarantine: this.#quarantine,
      unknownNames: this.#unknownNames,
      unreadable: this.#unreadable,
      durationMs: this.#deps.clock.now().getTime() - this.#startedAt,
      interrupted: this.#isStopped() && (this.#waiting.length > 0 || this.#held.length > 0),
      rollups: this.#rollups,
    };
  }
}

/**
 * PostgreSQL errors that go away by themselves: deadlock, serialization, a lost or refused connection, a restart.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const TRANSIENT = /^(40P01|40001|08\w{3}|57P0[123]|53300|ECONNRESET|EPIPE)$/;

function isTransient(error: unknown): boolean {
  const cause = error instanceof SbwError ? error.cause : error;
  const code = (cause as { code?: string } | undefined)?.code ?? '';
  return TRANSIENT.test(code) || /Connection terminated/.test(messageOf(cause));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
