import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ProjectConfig, readProjectConfig, requireAccount } from '../project-config.ts';
import type { DeployOptions } from './deploy/options.ts';
import type { Asked } from './deploy/plan-and-apply.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples, wholeNumber } from './options.ts';

export type { DeployOptions } from './deploy/options.ts';

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function registerDeploy(parent: Command, ctx: Context, exit: Exit, run = runDeploy): void {
  const command = parent
    .command('deploy')
    .argument('[plan-file]', 'deploy exactly a plan that --save-plan wrote')
    .summary('Create or update a stage on AWS, with the plan shown first.')
    .description(
      'Create or update a stage on AWS. Shows what will change and asks; does exactly that, independent stacks side ' +
        'by side; tests the whole with one event. Run it again after any failure: it goes on.',
    )
    .option('--stage <name>', 'which copy of the platform (SBW_STAGE; default: dev)')
    .option('--region <name>', 'AWS region (AWS_REGION)')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)')
    .option('--account <id>', 'only this account; with any other it refuses')
    .option('--set <name=value>', 'a setting, see docs/deploy.md; may be repeated', collect, [])
    .option('--only <layers>', 'these layers alone, with commas')
    .option('--from <layer>', 'this layer and all that need it')
    .option('--plan-only', 'print the plan and change nothing; exit 2 when there is something to change')
    .option('--save-plan <file>', 'write the plan to a file and change nothing')
    .option('--plan <id>', 'deploy only if the plan is still this one')
    .option('-y, --yes', 'do not ask')
    .option('--allow-data-loss', 'let it replace or delete what holds data; --yes alone does not')
    .option('--no-smoke-test', 'enable the schedule without the test')
    .option('--skip-stuck', 'finish a rollback without what cannot be taken back')
    .option('--timeout <minutes>', 'stop waiting after so long', wholeNumber(1, 1440), 120)
    .option('--attach', 'watch what goes on with the stage, whoever began it')
    .option('--cancel', 'cancel what goes on with the stage and roll it back')
    .option('--explain [run]', 'why a run failed; without one, why stacks of the stage failed')
    .option('--stack <name>', 'with --explain: a layer, or the name or id of a stack, also of a deleted one');
  addJsonOption(command)
    .addHelpText(
      'after',
      examples(
        'sbw deploy',
        'sbw deploy --plan-only',
        'sbw deploy --stage test --set warehouseInstanceType=t3.medium --yes',
        'sbw deploy --save-plan plan.json && sbw deploy plan.json',
        'sbw deploy --only ingest,etl',
        'sbw deploy --explain',
      ),
    )
    .action(async (planFile: string | undefined, flags: DeployOptions) => {
      exit.code = await run(ctx, planFile, flags);
    });
}

/** Returns the exit code. */
export async function runDeploy(
  ctx: Context,
  planFile: string | undefined,
  flags: DeployOptions,
): Promise<number> {
  const project = await readProjectConfig(ctx.config, flags);
  const asked = await askedFor(project, planFile, flags);
  const { stage } = asked.request;
  const region = flags.region ?? asked.saved?.region ?? project.region.value;
  const platform = await ctx.openPlatform({ region, profile: project.profile.value });
  try {
    const place = await platform.place();
    requireAccount(project, place.account);
    if (flags.attach === true || flags.cancel === true) {
      const { watchStage } = await import('./deploy/watch-stage.ts');
      return await watchStage(ctx, platform, stage, flags);
    }
    if (flags.explain !== undefined || flags.stack !== undefined) {
      const { explainRun } = await import('./deploy/explain-run.ts');
      return await explainRun(ctx, platform, stage, flags);
    }
    const { planAndApply } = await import('./deploy/plan-and-apply.ts');
    return await planAndApply(ctx, platform, place, asked, flags);
  } finally {
    platform.close();
  }
}

/** What a plan file says, or else what the flags and the config file say. */
async function askedFor(
  { stage, settings }: ProjectConfig,
  planFile: string | undefined,
  flags: DeployOptions,
): Promise<Asked> {
  const [{ layersOf }, { readSavedPlan }] = await Promise.all([
    import('./deploy/options.ts'),
    import('./deploy/saved-plan.ts'),
  ]);
  if (planFile !== undefined) {
    const saved = await readSavedPlan(planFile);
    return { request: saved.request, saved };
  }
  return { request: { stage: stage.value, settings, layers: layersOf(flags, settings) }, saved: null };
}
