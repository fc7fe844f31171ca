import { SbwError } from '../../errors.ts';
import type { TaskResult } from '../../stacks/teardown/apply/run-tasks.ts';
import type { Loss, TeardownPlan } from '../../stacks/teardown/plan/plan.ts';
import type { Action } from '../../stacks/teardown/plan/task.ts';
import type { ResidueCheck } from '../../stacks/teardown/residue/residue.ts';
import { type TeardownReport, isComplete } from '../../stacks/teardown/teardown.ts';

/** `sbw.teardown-plan/1` of docs/teardown.md. */
export function teardownPlanToJson(plan: TeardownPlan): Record<string, unknown> {
  return {
    schema: 'sbw.teardown-plan/1',
    plan_id: plan.id,
    ...placeOf(plan),
    made_at: plan.madeAt.toISOString(),
    monthly_saving_usd: cents(plan.monthlySaving),
    tasks: plan.tasks.map(({ id, step, title, action, needs, after }) => ({
      ...{ id, step, title, action: action.type, acts_on: targetsOf(action) },
      needs: [...needs, ...after],
    })),
    data: plan.losses.map(lossToJson),
    kept: plan.kept.map(({ what, name, monthlyCost }) => ({ what, name, monthly_usd: cents(monthlyCost) })),
    not_ours: plan.strangers,
    unknown: plan.unknown,
  };
}

/** `sbw.teardown/1`: the answer of --json and the receipt. */
export function teardownToJson(report: TeardownReport): Record<string, unknown> {
  const { plan, results, residue, startedAt, endedAt } = report;
  return {
    schema: 'sbw.teardown/1',
    plan_id: plan.id,
    ...placeOf(plan),
    started_at: startedAt.toISOString(),
    ended_at: endedAt.toISOString(),
    complete: isComplete(report),
    monthly_saving_usd: cents(plan.monthlySaving),
    tasks: results.map(resultToJson),
    data: plan.losses.map(lossToJson),
    kept: plan.kept.map(({ what, name, monthlyCost }) => ({ what, name, monthly_usd: cents(monthlyCost) })),
    residue: residue === null ? null : residueToJson(residue),
  };
}

function placeOf({ stage, account, region }: TeardownPlan): Record<string, string> {
  return { stage, account, region };
}

function resultToJson({ task, end, startedAt, endedAt }: TaskResult): Record<string, unknown> {
  const error = end.outcome === 'failed' ? end.error : null;
  return {
    ...{ id: task.id, title: task.title, action: task.action.type, acts_on: targetsOf(task.action) },
    outcome: end.outcome,
    started_at: startedAt?.toISOString() ?? null,
    ended_at: endedAt.toISOString(),
    ...(end.outcome === 'skipped' ? { because: end.because } : {}),
    ...(error === null
      ? {}
      : { code: error instanceof SbwError ? error.code : null, message: error.message }),
  };
}

function residueToJson({ found, unknown }: ResidueCheck): Record<string, unknown> {
  return {
    found: found.map(({ source, kind, id, detail, monthlyCost, command }) => ({
      ...{ source, kind, id, detail, command },
      monthly_usd: monthlyCost === null ? null : cents(monthlyCost),
    })),
    unknown,
  };
}

/** Every id that the action names. */
function targetsOf(action: Action): readonly string[] {
  switch (action.type) {
    case 'stop-schedule':
      return [action.rule];
    case 'stop-ingest':
    case 'detach-etl':
      return [action.functionName];
    case 'free-cards':
      return [action.vpcId, ...action.securityGroupIds];
    case 'empty-bucket':
    case 'allow-writes':
      return [action.bucket];
    case 'delete-stack':
      return [action.id];
    case 'delete-snapshots':
      return [action.volumeId];
    case 'remove-leftovers':
      return action.ids;
  }
}

function lossToJson(loss: Loss): Record<string, unknown> {
  switch (loss.kind) {
    case 'bucket': {
      const { objects, versions, bytes, oldestAt, isCut } = loss.content;
      return {
        ...{ kind: loss.kind, role: loss.role, name: loss.name, objects, versions, bytes },
        oldest_at: oldestAt?.toISOString() ?? null,
        at_least: isCut,
        hours_not_loaded: loss.hoursNotLoaded,
      };
    }
    case 'volume':
      return {
        ...{ kind: loss.kind, role: loss.role, id: loss.id, gigabytes: loss.gigabytes },
        last_snapshot_at: loss.lastSnapshotAt?.toISOString() ?? null,
        rows: loss.warehouse?.rows ?? null,
      };
    case 'snapshots':
      return {
        ...{ kind: loss.kind, count: loss.count, gigabytes: loss.gigabytes },
        newest_at: loss.newestAt?.toISOString() ?? null,
      };
  }
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
