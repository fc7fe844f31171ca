import type { Context } from '../../context.ts';
import { EXIT_CHANGES_FOUND, SbwError } from '../../errors.ts';
import { type PlanCost, costOfPlan } from '../../stacks/cost/plan-cost.ts';
import { requireUsable, settleStacks, unsettled } from '../../stacks/deploy/apply/settle.ts';
import { type DeployRequest, missingNeeds } from '../../stacks/deploy/plan/draft.ts';
import type { Facts } from '../../stacks/deploy/plan/facts.ts';
import { findStacks, gather } from '../../stacks/deploy/plan/gather.ts';
import { makePlan } from '../../stacks/deploy/plan/make-plan.ts';
import { type DeployPlan, changesAtRisk, hasWork } from '../../stacks/deploy/plan/plan.ts';
import { previewChanges } from '../../stacks/deploy/plan/preview.ts';
import type { Place } from '../../stacks/deploy/ports.ts';
import { checkBefore } from '../../stacks/deploy/preflight/checks.ts';
import { runIdOf, tokenOf } from '../../stacks/deploy/record/run-id.ts';
import type { Platform } from '../../stacks/ports/platform.ts';
import { planToJson } from '../../terminal/deploy/deploy-json.ts';
import { formatChecks, formatDeployPlan, formatPlace } from '../../terminal/deploy/render-plan.ts';
import { renderDeploy } from '../../terminal/deploy/render-progress.ts';
import { spin } from '../../terminal/spinner.ts';
import { fit } from '../../terminal/wrap.ts';
import { quote } from '../options.ts';
import { applyAndReport } from './apply-plan.ts';
import type { DeployOptions } from './options.ts';
import { type SavedPlan, requireSamePlan, savePlan } from './saved-plan.ts';

export interface Asked {
  readonly request: DeployRequest;
  /** Null: the flags say what to do. */
  readonly saved: SavedPlan | null;
}

interface Looked {
  readonly facts: Facts;
  readonly plan: DeployPlan;
}

/** Looks, plans, shows, asks, applies. Returns the exit code. */
export async function planAndApply(
  ctx: Context,
  platform: Platform,
  place: Place,
  { request, saved }: Asked,
  flags: DeployOptions,
): Promise<number> {
  const { terminal, clock } = ctx;
  const runId = runIdOf(clock.now(), ctx.newId());
  terminal.info(
    formatPlace({ stage: request.stage.name, ...place }, flags.profile ?? ctx.config.aws.profile),
  );
  await settle(ctx, platform, request, flags, runId);
  const { facts, plan } = await spin(terminal, 'Looking at what is there ...', () =>
    look(ctx, platform, place, { request, saved }, flags, runId),
  );
  if (saved !== null) requireSamePlan(saved, plan);
  if (flags.plan !== undefined) requireSamePlan({ planId: flags.plan }, plan);
  if (flags.savePlan !== undefined) await savePlan(flags.savePlan, plan, request, facts);
  const isOnlyAsked = flags.planOnly === true || flags.savePlan !== undefined;
  if (isOnlyAsked || !hasWork(plan)) return answerPlan(ctx, plan, costOf(request, facts), flags);
  terminal.info(fit(terminal, formatDeployPlan(plan, costOf(request, facts))));
  await check(ctx, platform, request, facts, plan);
  requireNoDataLoss(plan, flags);
  const isAgreed = flags.yes === true || flags.plan !== undefined || saved !== null;
  if (!isAgreed && !(await terminal.confirm('Continue?', '--yes'))) {
    throw new SbwError('CANCELLED', 'Nothing was changed.', { kind: 'cancelled' });
  }
  return applyAndReport(ctx, platform, { request, facts, plan, runId }, flags);
}

/** What runs is waited for; what got stuck is taken back: no plan can be made before. */
async function settle(
  ctx: Context,
  platform: Platform,
  { stage }: DeployRequest,
  flags: DeployOptions,
  runId: string,
): Promise<void> {
  const stacks = await findStacks(platform, stage);
  requireUsable(stage, stacks);
  const layers = unsettled(stacks);
  if (layers.length === 0) return;
  if (flags.planOnly === true || flags.savePlan !== undefined) {
    throw new SbwError(
      'STACK_BUSY',
      `No plan can be made while ${layers.join(', ')} of ${stage.name} is not at rest.`,
      {
        kind: 'refused',
        fix: `sbw deploy --stage ${stage.name} --attach   or, to mend what got stuck: sbw deploy --stage ${stage.name}`,
      },
    );
  }
  ctx.terminal.info(`Not at rest: ${layers.join(', ')}. A plan can be made after that.`);
  const renderer = renderDeploy(ctx.terminal, ctx.clock, null);
  try {
    const { cloudFormation } = platform;
    const world = { cloudFormation, clock: ctx.clock, leave: ctx.interrupts.stop, emit: renderer.emit };
    await settleStacks({ ...world, token: tokenOf(runId) }, stacks, flags.skipStuck ?? false);
    // A deletion that was waited for may have got stuck.
    requireUsable(stage, await findStacks(platform, stage));
  } finally {
    renderer.close();
  }
}

/** @throws SbwError LAYER_MISSING (refused) */
async function look(
  ctx: Context,
  platform: Platform,
  place: Place,
  { request, saved }: Asked,
  flags: DeployOptions,
  runId: string,
): Promise<Looked> {
  const facts = { ...(await gather(platform, request, place)), ...saved?.choices };
  const [missing] = missingNeeds(request, facts);
  if (missing !== undefined) {
    throw new SbwError('LAYER_MISSING', `What you ask for needs the layer ${missing}, which is not there.`, {
      kind: 'refused',
      fix: `sbw deploy --stage ${request.stage.name}   makes everything`,
    });
  }
  const { cloudFormation, earlyValidation } = platform;
  const world = { cloudFormation, earlyValidation, clock: ctx.clock, leave: ctx.interrupts.stop };
  const previews = await previewChanges(world, request, facts, `${tokenOf(runId)}-look`);
  const plan = makePlan(request, facts, previews, { madeAt: ctx.clock.now(), isTested: flags.smokeTest });
  return { facts, plan };
}

function costOf({ settings, layers }: DeployRequest, { stacks }: Facts): PlanCost {
  return costOfPlan(stacks, settings, layers);
}

/** Prints the plan as the command's answer. Returns the exit code: 2 when only the plan was asked for and has work. */
function answerPlan({ terminal }: Context, plan: DeployPlan, cost: PlanCost, flags: DeployOptions): number {
  terminal.result(
    flags.json === true
      ? JSON.stringify(planToJson(plan, cost))
      : fit(terminal, formatDeployPlan(plan, cost)),
  );
  if (flags.savePlan !== undefined && hasWork(plan)) {
    terminal.info(`Saved. Deploy exactly this: sbw deploy ${quote(flags.savePlan)}`);
  }
  return flags.planOnly === true && hasWork(plan) ? EXIT_CHANGES_FOUND : 0;
}

/** @throws SbwError PREFLIGHT_FAILED (environment) */
async function check(
  { terminal, clock }: Context,
  platform: Platform,
  request: DeployRequest,
  facts: Facts,
  plan: DeployPlan,
): Promise<void> {
  const startedAt = clock.now().getTime();
  const checks = await checkBefore(platform.region, request, facts, plan);
  terminal.info(fit(terminal, formatChecks(checks, (clock.now().getTime() - startedAt) / 1000)));
  const failed = checks.filter(({ outcome }) => outcome === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  throw new SbwError('PREFLIGHT_FAILED', `${first.name}: ${first.detail}. Nothing was changed.`, {
    kind: 'environment',
    fix: first.fix,
  });
}

/** @throws SbwError DATA_AT_RISK (refused) */
function requireNoDataLoss(plan: DeployPlan, flags: DeployOptions): void {
  const atRisk = changesAtRisk(plan);
  if (atRisk.length === 0 || flags.allowDataLoss === true) return;
  const names = atRisk.map(({ kind, title, physicalId }) => `${kind} ${title} ${physicalId}`.trim());
  throw new SbwError('DATA_AT_RISK', `The plan would ${names.join(', ')}.`, {
    kind: 'refused',
    fix: 'if that is what you want: --allow-data-loss',
  });
}
