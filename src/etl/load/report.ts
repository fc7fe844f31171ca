import type { Accounting } from '../accounting.ts';
import type { RefreshReport } from '../rollups/refresh.ts';
import { type LoadPlan, type PartitionPlan, windowToJson } from '../plan/plan.ts';
import { type PartitionStart, partitionName } from '../time/partition.ts';

/** What a run tells while it goes on; renderers in src/terminal turn it into text. */
export type LoadEvent =
  | { type: 'run-started'; runId: string; partitions: number; objects: number; bytes: number }
  | { type: 'partition-started'; partition: PartitionStart; plan: PartitionPlan }
  /** Another run holds the partition; we wait for it. `holder` is its name, such as `sbw r_5f2c`. */
  | { type: 'partition-held'; partition: PartitionStart; holder: string }
  /** Counts of this partition so far; the events are sent at most every 100 ms per partition. */
  | { type: 'partition-progress'; partition: PartitionStart; accounting: Accounting }
  | { type: 'partition-done'; result: PartitionResult }
  | { type: 'partition-failed'; partition: PartitionStart; code: string; message: string }
  | { type: 'retrying'; partition: PartitionStart; attempt: number; message: string }
  /** Everything is loaded, but the dashboard's numbers wait for the next run. */
  | { type: 'rollups-failed'; message: string };

export interface PartitionResult {
  readonly partition: PartitionStart;
  readonly accounting: Accounting;
  /** Reason code -> events quarantined for it by this load. */
  readonly quarantine: Readonly<Record<string, number>>;
  /** Event names outside the known fourteen -> how many were loaded. */
  readonly unknownNames: Readonly<Record<string, number>>;
  readonly unreadable: readonly { key: string; reason: string }[];
  readonly durationMs: number;
}

/** What one run did, for the summary and for --json. */
export interface RunReport {
  readonly runId: string;
  readonly accounting: Accounting;
  readonly balanced: boolean;
  readonly partitions: {
    readonly planned: number;
    readonly loaded: number;
    readonly unchanged: number;
    /** Not loaded because another run held them to the end of our patience. */
    readonly held: readonly PartitionStart[];
    readonly failed: readonly { partition: PartitionStart; code: string; message: string }[];
    /** Not started because the operator stopped the run. */
    readonly notStarted: readonly PartitionStart[];
  };
  readonly quarantine: Readonly<Record<string, number>>;
  readonly unknownNames: Readonly<Record<string, number>>;
  /** At most 100; `accounting.objects.unreadable` has the full number. */
  readonly unreadable: readonly { key: string; reason: string }[];
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** What the dashboard reads, brought up to date after the load; null when it was not. */
  readonly rollups: RefreshReport | null;
}

/** `sbw.etl-run/1` of docs/json-output.md. */
export function runToJson(report: RunReport, plan: LoadPlan): Record<string, unknown> {
  return {
    schema: 'sbw.etl-run/1',
    plan_id: plan.id,
    window: windowToJson(plan.window),
    ...reportToJson(report),
  };
}

/** What a run did, also as `sbw runs show` gives it again later. */
export function reportToJson(report: RunReport): Record<string, unknown> {
  const { partitions } = report;
  return {
    run_id: report.runId,
    objects: report.accounting.objects,
    events: report.accounting.events,
    balanced: report.balanced,
    partitions: {
      planned: partitions.planned,
      loaded: partitions.loaded,
      unchanged: partitions.unchanged,
      held: partitions.held.map(partitionName),
      failed: partitions.failed.map(({ partition, code, message }) => ({
        partition: partitionName(partition),
        code,
        message,
      })),
      not_started: partitions.notStarted.map(partitionName),
    },
    quarantine: report.quarantine,
    unknown_names: report.unknownNames,
    unreadable: report.unreadable,
    interrupted: report.interrupted,
    rollups: report.rollups === null ? null : { ...report.rollups },
    duration_ms: Math.round(report.durationMs),
  };
}
