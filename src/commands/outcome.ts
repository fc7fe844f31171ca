import { EXIT_CODE } from '../errors.ts';
import type { ReplayReport } from '../etl/load/replay.ts';
import type { RunReport } from '../etl/load/report.ts';
import { type LoadPlan, windowToJson } from '../etl/plan/plan.ts';
import { partitionName } from '../etl/time/partition.ts';

/**
 * What a run's end means for scripts: docs/exit-codes.md. The worst comes first: a possible loss is told even
 * when the run was stopped as well.
 *
 * @param signal the signal that stopped the run, if one did
 */
export function exitCodeOf(report: RunReport, signal: string | null): number {
  if (!report.balanced) return EXIT_CODE.unbalanced;
  // An hour that another run held to the end was given up because of the signal.
  const isStopped = report.interrupted || (signal !== null && report.partitions.held.length > 0);
  if (isStopped) return signal === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
  if (report.partitions.failed.length > 0) return EXIT_CODE.failed;
  const { accounting, partitions } = report;
  const left = accounting.events.quarantined + accounting.objects.unreadable + partitions.held.length;
  return left > 0 ? EXIT_CODE.incomplete : 0;
}

/** What a replay of quarantined events did. */
export function replayToJson(report: ReplayReport): Record<string, unknown> {
  const { tried, loaded, duplicates, quarantined, filtered } = report;
  return {
    run_id: report.runId,
    dry_run: report.isDryRun,
    events: { tried, loaded, duplicates, quarantined, filtered },
    balanced: report.balanced,
    quarantine: report.reasons,
  };
}

/** `sbw.etl-plan/1` of docs/json-output.md. */
export function planToJson(plan: LoadPlan): Record<string, unknown> {
  return {
    schema: 'sbw.etl-plan/1',
    plan_id: plan.id,
    window: windowToJson(plan.window),
    reprocess: plan.reprocess,
    partitions: plan.partitions.map(({ partition, reason, objects, bytes, alreadyLoaded }) => ({
      partition: partitionName(partition),
      reason,
      objects,
      bytes,
      already_loaded: alreadyLoaded,
    })),
    unchanged: {
      partitions: plan.unchanged.partitions,
      objects: plan.unchanged.objects,
      objects_loaded: plan.unchanged.objectsLoaded,
    },
    foreign_objects: plan.foreignObjects,
  };
}
