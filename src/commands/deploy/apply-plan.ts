import type { Context } from '../../context.ts';
import { EXIT_CODE } from '../../errors.ts';
import { type DeployReport, applyPlan } from '../../stacks/deploy/apply/apply.ts';
import type { DeployEvent } from '../../stacks/deploy/apply/event.ts';
import { cancel } from '../../stacks/deploy/apply/settle.ts';
import type { DeployRequest } from '../../stacks/deploy/plan/draft.ts';
import type { Facts } from '../../stacks/deploy/plan/facts.ts';
import { findStacks } from '../../stacks/deploy/plan/gather.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';
import { withLock } from '../../stacks/deploy/record/lock.ts';
import { tokenOf } from '../../stacks/deploy/record/run-id.ts';
import type { Platform } from '../../stacks/ports/platform.ts';
import { eventToJson, planToJson, reportToJson } from '../../terminal/deploy/deploy-json.ts';
import { type DeployRenderer, renderDeploy } from '../../terminal/deploy/render-progress.ts';
import { formatDeployReport } from '../../terminal/deploy/render-result.ts';
import { fit } from '../../terminal/wrap.ts';
import { quote } from '../options.ts';
import { type Interruption, watchInterruption } from './interruption.ts';
import type { DeployOptions } from './options.ts';
import { isAlive, whoAmI } from './who.ts';

/** A plan that the operator agreed to. */
export interface Decided {
  readonly request: DeployRequest;
  readonly facts: Facts;
  readonly plan: DeployPlan;
  readonly runId: string;
}

/** Applies exactly this plan, recording it below .sbw/runs. Returns the exit code. @throws SbwError DEPLOY_LOCKED */
export async function applyAndReport(
  ctx: Context,
  platform: Platform,
  { request, facts, plan, runId }: Decided,
  flags: DeployOptions,
): Promise<number> {
  const { terminal, clock } = ctx;
  const { stage } = request;
  const about = { id: runId, stage: stage.name, account: plan.account, region: plan.region, planId: plan.id };
  const record = await platform.runRecords.begin(runId, { ...about, startedAt: clock.now().toISOString() });
  await record.save('plan.json', planToJson(plan));
  const renderer = renderDeploy(terminal, clock, plan);
  const interruption = interrupt(ctx, platform, renderer, { request, runId, flags });
  const emit = (event: DeployEvent): void => {
    record.note({ noted_at: clock.now().toISOString(), ...eventToJson(event) });
    renderer.emit(event);
  };
  const world = {
    ports: platform,
    clock,
    token: tokenOf(runId),
    newId: () => ctx.newId(),
    emit,
    ...interruption,
  };
  try {
    const { parameters } = platform;
    const report = await withLock({ parameters, clock, isAlive }, stage, whoAmI(runId), () =>
      applyPlan(world, request, facts, plan),
    );
    renderer.close();
    const json = reportToJson(report, runId);
    await record.save('result.json', json);
    const text = fit(terminal, formatDeployReport(report, hintsOf(request, runId, flags)));
    terminal.result(flags.json === true ? JSON.stringify(json) : text);
    if (flags.json === true) terminal.info(text);
    return exitCodeOf(report, interruption.reason());
  } finally {
    interruption.release();
    renderer.close();
    await record.close();
  }
}

function interrupt(
  ctx: Context,
  platform: Platform,
  renderer: DeployRenderer,
  { request, runId, flags }: Pick<Decided, 'request' | 'runId'> & { readonly flags: DeployOptions },
): Interruption {
  return watchInterruption(ctx, {
    timeoutMinutes: flags.timeout,
    ask: async () => {
      renderer.pause();
      try {
        const question = 'Cancel what runs and roll it back? (no: it goes on without you)';
        return await ctx.terminal.confirm(question, '--cancel');
      } finally {
        renderer.resume();
      }
    },
    cancel: async () => {
      const stacks = await findStacks(platform, request.stage);
      await cancel({ cloudFormation: platform.cloudFormation, token: tokenOf(runId) }, stacks);
    },
    say: renderer.say,
  });
}

function hintsOf({ stage: { name }, renewsPackages }: DeployRequest, runId: string, flags: DeployOptions) {
  return {
    runId,
    again: `${renewsPackages === true ? 'sbw host update' : 'sbw deploy'} --stage ${name}${wordsOf(flags, renewsPackages)}`,
    attach: `sbw deploy --stage ${name} --attach`,
    teardown: `sbw teardown --stage ${name}`,
  };
}

/** What else to say to get the same again. */
function wordsOf({ set, only, from }: DeployOptions, renewsPackages = false): string {
  const layers = renewsPackages ? {} : { '--only': only, '--from': from };
  return [
    ...set.map((one) => ` --set ${quote(one)}`),
    ...Object.entries(layers).flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${value}`])),
  ].join('');
}

function exitCodeOf({ ends }: DeployReport, reason: ReturnType<Interruption['reason']>): number {
  const outcomes = [...ends.values()].map(({ outcome }) => outcome);
  if (reason === 'timeout' && outcomes.includes('stopped')) return EXIT_CODE.timeout;
  if (reason !== null && reason !== 'timeout')
    return reason === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
  return outcomes.includes('failed') ? EXIT_CODE.failed : 0;
}
