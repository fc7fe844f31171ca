import type { Context } from '../../context.ts';
import { EXIT_CODE, SbwError } from '../../errors.ts';
import type { Platform } from '../../stacks/ports/platform.ts';
import { type SettleWorld, attach, cancel } from '../../stacks/deploy/apply/settle.ts';
import { findStacks } from '../../stacks/deploy/plan/gather.ts';
import { hasDied, readLock } from '../../stacks/deploy/record/lock.ts';
import { runIdOf, tokenOf } from '../../stacks/deploy/record/run-id.ts';
import { ruleOf } from '../../stacks/stack-status.ts';
import type { Stage } from '../../stacks/stage.ts';
import type { DeployOptions } from './options.ts';
import { isAlive } from './who.ts';

/** `--attach`, `--cancel`: what goes on with a stage, whoever began it. Returns the exit code. */
export async function watchStage(
  ctx: Context,
  platform: Platform,
  stage: Stage,
  flags: DeployOptions,
): Promise<number> {
  const { renderDeploy } = await import('../../terminal/deploy/render-progress.ts');
  const holder = await readLock(platform.parameters, stage);
  if (holder !== null) {
    const who = `Run ${holder.runId} of ${holder.user} on ${holder.host}`;
    const died = `${who} was killed; the same command goes on where it ended.`;
    ctx.terminal.info(
      hasDied({ isAlive, clock: ctx.clock }, holder) ? died : `${who}, since ${holder.startedAt}`,
    );
  }
  const renderer = renderDeploy(ctx.terminal, ctx.clock, null);
  const world: SettleWorld = {
    ...{ cloudFormation: platform.cloudFormation, clock: ctx.clock, leave: ctx.interrupts.stop },
    ...{ token: tokenOf(runIdOf(ctx.clock.now(), ctx.newId())), emit: renderer.emit },
  };
  try {
    const stacks = await findStacks(platform, stage);
    if (flags.cancel === true) await cancelAll(ctx, world, stacks, flags);
    // As they were before: what is cancelled may be gone by now, and is followed to its end all the same.
    const ends = await attach(world, stacks);
    renderer.close();
    return answer(ctx, stage, ends, flags);
  } finally {
    renderer.close();
  }
}

/** @throws SbwError CANCELLED when the operator thinks better of it */
async function cancelAll(
  ctx: Context,
  world: SettleWorld,
  stacks: Awaited<ReturnType<typeof findStacks>>,
  flags: DeployOptions,
): Promise<void> {
  const running = [...stacks].filter(([, stack]) =>
    /^(?:CREATE|UPDATE)_IN_PROGRESS$/.test(stack?.status ?? ''),
  );
  if (running.length === 0) return;
  const names = running.map(([layer]) => layer).join(', ');
  if (flags.yes !== true && !(await ctx.terminal.confirm(`Cancel ${names} and roll back?`, '--yes'))) {
    throw new SbwError('CANCELLED', 'Nothing was cancelled.', { kind: 'cancelled' });
  }
  await cancel(world, stacks);
}

function answer(
  ctx: Context,
  stage: Stage,
  ends: Awaited<ReturnType<typeof attach>>,
  flags: DeployOptions,
): number {
  const isLeft = [...ends.values()].some((one) => one.isLeft);
  const failed = [...ends].filter(
    ([, { stack, isLeft: left }]) => !left && (stack === null || !ruleOf(stack.status).isSuccess),
  );
  const json = {
    schema: 'sbw.deploy-attach/1',
    stage: stage.name,
    stacks: [...ends].map(([layer, { stack, isLeft: left }]) => ({
      layer,
      status: stack?.status ?? 'DELETE_COMPLETE',
      ended: !left,
    })),
  };
  const text =
    ends.size === 0
      ? `Nothing goes on with stage ${stage.name}.`
      : [...ends]
          .map(
            ([layer, { stack, isLeft: left }]) =>
              `  ${layer}: ${left ? 'goes on' : ruleOf(stack?.status ?? 'DELETE_COMPLETE').meaning}`,
          )
          .join('\n');
  ctx.terminal.result(flags.json === true ? JSON.stringify(json) : text);
  if (isLeft) return ctx.interrupts.stop.reason === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
  // Cancelling succeeds when nothing of it is left.
  return failed.length > 0 && flags.cancel !== true ? EXIT_CODE.failed : 0;
}
