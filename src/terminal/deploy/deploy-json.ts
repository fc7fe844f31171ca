import { SbwError } from '../../errors.ts';
import type { PlanCost } from '../../stacks/cost/plan-cost.ts';
import type { DeployReport } from '../../stacks/deploy/apply/apply.ts';
import type { DeployEvent, TaskOutcome } from '../../stacks/deploy/apply/event.ts';
import { StackFailure } from '../../stacks/deploy/diagnose/failure.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';
import { hasWork } from '../../stacks/deploy/plan/plan.ts';
import { roundMoney } from '../cost/money.ts';

/** `sbw.deploy-plan/1` of docs/json-output.md. Holds names of secrets and never their values. */
export function planToJson(plan: DeployPlan, cost: PlanCost | null = null): Record<string, unknown> {
  const { steps } = plan;
  return {
    schema: 'sbw.deploy-plan/1',
    plan_id: plan.id,
    stage: plan.stage,
    account: plan.account,
    region: plan.region,
    made_at: plan.madeAt.toISOString(),
    changed: hasWork(plan),
    layers: plan.layers.map((layer) => ({
      layer: layer.layer,
      stack: layer.stackName,
      action: layer.action,
      settled: layer.isSettled,
      changes: layer.changes.map((change) => ({
        kind: change.kind,
        logical_id: change.logicalId,
        physical_id: change.physicalId,
        type: change.type,
        title: change.title,
        conditional: change.isConditional,
        restart: change.isRestart,
        data_at_risk: change.isDataAtRisk,
        causes: change.causes,
      })),
    })),
    steps: {
      secrets: steps.secrets,
      uploads: steps.uploads,
      builds_bundle: steps.buildsBundle,
      updates_host: steps.updatesHost,
      smoke_test: steps.smokeTest,
      protects: steps.protects,
      schedule: steps.schedule,
    },
    ...(cost === null ? {} : { monthly_cost: costToJson(cost) }),
  };
}

function costToJson({ before, after, isComplete, pricesOf }: PlanCost): Record<string, unknown> {
  return {
    before_usd: roundMoney(before),
    after_usd: roundMoney(after),
    complete: isComplete,
    prices_of: pricesOf,
  };
}

/** `sbw.deploy/1` of docs/json-output.md. */
export function reportToJson(report: DeployReport, runId: string): Record<string, unknown> {
  const { plan, ends } = report;
  return {
    schema: 'sbw.deploy/1',
    run_id: runId,
    plan_id: plan.id,
    stage: plan.stage,
    account: plan.account,
    region: plan.region,
    changed: [...ends.values()].some(({ outcome }) => outcome === 'done'),
    started_at: report.startedAt.toISOString(),
    ended_at: report.endedAt.toISOString(),
    tasks: [...ends].map(([task, end]) => ({ task, outcome: end.outcome })),
    outputs: Object.fromEntries(report.outputs),
    smoke_test: report.smoke.map(({ name, result, durationMs, isUnknown }) => ({
      name,
      result,
      duration_ms: durationMs,
      known: !isUnknown,
    })),
    host_notes: report.hostNotes,
    failures: [...ends].flatMap(([task, end]) =>
      end.outcome === 'failed' ? [failureToJson(task, end.error)] : [],
    ),
  };
}

export function failureToJson(task: string, error: Error): Record<string, unknown> {
  const code = error instanceof SbwError ? error.code : 'UNEXPECTED';
  if (!(error instanceof StackFailure)) return { task, code, message: error.message };
  const { failed, diagnosis } = error;
  return {
    task,
    code,
    message: error.message,
    stack: failed.stackName,
    stack_id: failed.stackId,
    status: failed.status,
    untouched: failed.isUntouched,
    headline: diagnosis.headline,
    reason: diagnosis.reason,
    logical_id: diagnosis.logicalId,
    physical_id: diagnosis.physicalId,
    type: diagnosis.type,
    title: diagnosis.title,
    at: diagnosis.at?.toISOString() ?? null,
    source: diagnosis.source,
    others: diagnosis.others.map(({ logicalId, reason }) => ({ logical_id: logicalId, reason })),
    cancelled: diagnosis.cancelled,
    evidence: diagnosis.evidence,
    evidence_problem: diagnosis.evidenceProblem,
    fix: diagnosis.fix ?? null,
  };
}

/** One line of the run's record. */
export function eventToJson(event: DeployEvent): Record<string, unknown> {
  switch (event.type) {
    case 'task-ended':
      return {
        type: event.type,
        task: event.task,
        duration_ms: event.durationMs,
        ...endToJson(event.task, event.end),
      };
    case 'resource-changed': {
      const { stackName, logicalId, physicalId, resourceType, title, status, reason, at } = event.resource;
      return {
        ...{
          type: event.type,
          task: event.task,
          stack: stackName,
          logical_id: logicalId,
          physical_id: physicalId,
        },
        ...{ resource_type: resourceType, title, status, reason, at: at.toISOString() },
      };
    }
    default:
      return { ...event };
  }
}

function endToJson(task: string, end: TaskOutcome): Record<string, unknown> {
  if (end.outcome === 'failed') return { outcome: end.outcome, failure: failureToJson(task, end.error) };
  return end.outcome === 'skipped'
    ? { outcome: end.outcome, because: end.because }
    : { outcome: end.outcome };
}
