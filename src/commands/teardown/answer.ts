import { EXIT_CHANGES_FOUND } from '../../errors.ts';
import { stackNameOf } from '../../stacks/stage.ts';
import type { TeardownPlan } from '../../stacks/teardown/plan/plan.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';
import type { Expectation } from '../../stacks/teardown/residue/check-residue.ts';
import type { TeardownContext } from './context.ts';
import type { ReportFlags } from './report.ts';

export type AnswerFlags = ReportFlags & { readonly dryRun?: boolean };

/**
 * There is nothing that teardown would delete; whether there is nothing at all is looked for before it is said.
 *
 * @returns the exit code
 * @throws SbwError STAGE_UNKNOWN (environment) when there never was such a stage
 */
export async function answerNothing(
  ctx: TeardownContext,
  platform: TeardownPlatform,
  expected: Expectation,
  plan: TeardownPlan,
  flags: AnswerFlags,
): Promise<number> {
  const [{ checkResidue }, { isClean }, past] = await Promise.all([
    import('../../stacks/teardown/residue/check-residue.ts'),
    import('../../stacks/teardown/residue/residue.ts'),
    platform.stackHistory.deletedStacks(stackNameOf(expected.stage, '')),
  ]);
  const residue = await checkResidue(platform, expected);
  if (past.length === 0 && plan.kept.length === 0 && residue.found.length === 0) {
    const { refuseUnknownStage } = await import('../../stacks/protection.ts');
    return refuseUnknownStage(platform, expected.stage);
  }
  if (!isClean(residue) && flags.dryRun !== true) {
    const { applyAndReport } = await import('./report.ts');
    return applyAndReport(ctx, platform, expected, plan, flags);
  }
  return answerPlan(ctx, plan, flags);
}

/** Prints the plan as the command's answer. Returns the exit code: 2 when there is something to delete. */
export async function answerPlan(
  { terminal }: TeardownContext,
  plan: TeardownPlan,
  { json }: AnswerFlags,
): Promise<number> {
  const [{ formatTeardownPlan }, { teardownPlanToJson }] = await Promise.all([
    import('../../terminal/teardown/render-plan.ts'),
    import('../../terminal/teardown/teardown-json.ts'),
  ]);
  terminal.result(
    json === true ? JSON.stringify(teardownPlanToJson(plan)) : formatTeardownPlan(plan, terminal),
  );
  return plan.tasks.length > 0 ? EXIT_CHANGES_FOUND : 0;
}
