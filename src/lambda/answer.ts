import { type RunReport, runToJson } from '../etl/load/report.ts';
import type { LoadPlan } from '../etl/plan/plan.ts';
import type { PartitionStart } from '../etl/time/partition.ts';

/** `sbw.etl-run/1` of docs/json-output.md, and whether all that was asked for is done. */
export type RunAnswer = Readonly<Record<string, unknown>> & { readonly complete: boolean };

/**
 * Why a run has to be done again; null when it need not be. Hours that another run held are in its hands, rejected
 * events are in quarantine, and unreadable objects are tried again by every run: none of them gains by a retry now.
 */
export function whyIncomplete({ balanced, accounting, partitions }: RunReport): string | null {
  const [failure] = partitions.failed;
  if (!balanced) return `the accounting does not balance: ${JSON.stringify(accounting)}`;
  if (failure !== undefined) {
    const { length } = partitions.failed;
    return `${length} of ${partitions.planned} hours failed, the first with ${failure.code}: ${failure.message}`;
  }
  const left = partitions.notStarted.length;
  return left === 0 ? null : `the time ran out with ${left} of ${partitions.planned} hours left`;
}

export function answerOf(report: RunReport, plan: LoadPlan): RunAnswer {
  return { ...runToJson(report, plan), complete: whyIncomplete(report) === null };
}

/**
 * How long the oldest raw event has been waiting for the warehouse, in seconds; 0 when none does.
 * @param unread hours that were loaded but for objects that could not be read
 */
export function dataAgeSeconds(report: RunReport, unread: readonly PartitionStart[], now: Date): number {
  const { held, failed, notStarted } = report.partitions;
  const waiting = [...held, ...failed.map(({ partition }) => partition), ...notStarted, ...unread];
  return Math.max(0, ...waiting.map((start) => Math.round((now.getTime() - start) / 1000)));
}
