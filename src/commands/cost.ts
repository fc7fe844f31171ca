import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ProjectConfig, type StageFlags, readProjectConfig, requireAccount } from '../project-config.ts';
import type { Deployed } from '../stacks/cost/deployed.ts';
import type { CostReport } from '../terminal/cost/cost-report.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples } from './options.ts';
import { addSetOption, addStageOptions } from './setup/stage-options.ts';

export interface CostOptions extends StageFlags {
  /** Sizes from the stacks, not from the settings. */
  readonly deployed?: boolean;
  /** The table of prices, nothing else. */
  readonly prices?: boolean;
  readonly json?: boolean;
}

export function registerCost(parent: Command, ctx: Context, exit: Exit, run = runCost): void {
  const command = parent
    .command('cost')
    .summary('What a stage costs in a month, and what to do about it.')
    .description(
      'What a stage costs in a month and for a million events, from prices that sbw brings along, and what can be ' +
        'done about it. Asks nobody, unless --deployed is given.',
    );
  addJsonOption(addSetOption(addStageOptions(command)))
    .option('--deployed', 'as it is deployed now, instead of as the settings say (asks CloudFormation)')
    .option('--prices', 'the prices themselves, each with its date and source')
    .addHelpText(
      'after',
      examples(
        'sbw cost',
        'sbw cost --set eventsPerMonth=20000000 --set eventsPerRequest=10',
        'sbw cost --stage prod --deployed --json',
      ),
    )
    .action(async (flags: CostOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runCost(ctx: Context, flags: CostOptions): Promise<number> {
  if (flags.prices === true) return answerPrices(ctx, flags);
  const project = await readProjectConfig(ctx.config, flags);
  const deployed = flags.deployed === true ? await lookUp(ctx, project) : null;
  const report = await makeReport(project, deployed);
  const [{ formatCost }, { costToJson }] = await Promise.all([
    import('../terminal/cost/render-cost.ts'),
    import('../terminal/cost/cost-json.ts'),
  ]);
  ctx.terminal.result(flags.json === true ? JSON.stringify(costToJson(report)) : formatCost(report));
  return 0;
}

async function answerPrices(ctx: Context, { json }: CostOptions): Promise<number> {
  const [{ formatPrices }, { pricesToJson }] = await Promise.all([
    import('../terminal/cost/render-prices.ts'),
    import('../terminal/cost/cost-json.ts'),
  ]);
  ctx.terminal.result(json === true ? JSON.stringify(pricesToJson()) : formatPrices());
  return 0;
}

async function makeReport(project: ProjectConfig, deployed: Deployed | null): Promise<CostReport> {
  const [{ estimateMonthly }, { findLevers }, { compareRequestSizes, costPerMillion }] = await Promise.all([
    import('../stacks/cost/estimate.ts'),
    import('../stacks/cost/levers.ts'),
    import('../stacks/cost/unit-cost.ts'),
  ]);
  const input = deployed?.input ?? project.settings;
  return {
    stage: project.stage.value.name,
    region: project.region.value ?? null,
    basis: deployed === null ? 'settings' : 'deployed',
    input,
    estimate: estimateMonthly(input, deployed?.layers),
    perMillion: costPerMillion(input),
    requestSizes: compareRequestSizes(),
    levers: deployed?.layers.length === 0 ? [] : findLevers(input, deployed?.layers),
  };
}

/** @throws SbwError ACCOUNT_MISMATCH, STACK_NOT_OURS (refused), AWS_* (environment) */
async function lookUp(ctx: Context, project: ProjectConfig): Promise<Deployed> {
  const [{ findStacks }, { readDeployed }] = await Promise.all([
    import('../stacks/deploy/plan/gather.ts'),
    import('../stacks/cost/deployed.ts'),
  ]);
  const platform = await ctx.openPlatform({ region: project.region.value, profile: project.profile.value });
  try {
    if (project.account.value !== undefined) requireAccount(project, (await platform.place()).account);
    return readDeployed(await findStacks(platform, project.stage.value), project.settings);
  } finally {
    platform.close();
  }
}
