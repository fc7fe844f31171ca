import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { SbwError } from '../errors.ts';
import { readProjectConfig, requireAccount } from '../project-config.ts';
import type { PlatformOptions } from '../stacks/ports/platform.ts';
import type { Stage } from '../stacks/stage.ts';
import type { Keepable } from '../stacks/teardown/plan/choices.ts';
import type { Inventory } from '../stacks/teardown/plan/inventory.ts';
import type { TeardownPlan } from '../stacks/teardown/plan/plan.ts';
import type { TeardownPlatform } from '../stacks/teardown/ports.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples } from './options.ts';
import { answerNothing, answerPlan } from './teardown/answer.ts';
import { type Questions, approve, onTerminal } from './teardown/approve.ts';
import type { TeardownContext } from './teardown/context.ts';
import type { SaveFlags } from './teardown/save-data.ts';

export interface TeardownOptions extends SaveFlags, PlatformOptions {
  readonly stage?: string;
  readonly keep: ReadonlySet<Keepable>;
  readonly includeArtifacts?: boolean;
  readonly dryRun?: boolean;
  /** The id of a plan shown before: delete only if it is still the plan. */
  readonly plan?: string;
  /** The stage's name, typed beforehand. */
  readonly confirm?: string;
  readonly json?: boolean;
  /** False with --no-input: nobody is asked. */
  readonly input?: boolean;
}

export function registerTeardown(
  parent: Command,
  ctx: TeardownContext,
  exit: Exit,
  run: (ctx: TeardownContext, flags: TeardownOptions) => Promise<number> = runTeardown,
): void {
  const command = parent
    .command('teardown')
    .summary('Delete a stage, and prove that nothing is left.')
    .description(
      'Delete a stage: shows what goes and which data dies, asks for the name of the stage, deletes in the right ' +
        'order, and looks from several sides whether anything is left. Interrupted, the same command goes on.',
    )
    .option('--stage <name>', 'which copy of the platform (SBW_STAGE; default: dev)')
    .option('--region <name>', 'AWS region (AWS_REGION)')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)')
    .option('--keep <what>', 'keep data, with commas: raw, warehouse, web-db', parseKeep, new Set<Keepable>())
    .option('--include-artifacts', 'with --keep raw: empty the assets bucket all the same')
    .option('--export <dir>', 'first save the raw events and both databases there')
    .option('--warehouse <url>', 'where the warehouse can be reached, to count and save it (SBW_WAREHOUSE)')
    .option('--web-db <url>', 'where the web database can be reached, to save it')
    .option('--dry-run', 'print the plan and delete nothing; exit 2 when there is something to delete')
    .option('--plan <id>', 'delete only if the plan is still this one (the id a dry run printed)')
    .option('--confirm <stage>', 'the name of the stage, typed beforehand');
  addJsonOption(command)
    .addHelpText(
      'after',
      examples(
        'sbw teardown --dry-run',
        'sbw teardown --stage test --confirm test',
        'sbw teardown --keep raw,warehouse',
        'sbw teardown --export ./backup',
      ),
    )
    .action(async () => {
      exit.code = await run(ctx, command.optsWithGlobals<TeardownOptions>());
    });
}

/** Returns the exit code. */
export async function runTeardown(
  ctx: TeardownContext,
  flags: TeardownOptions,
  ask: Questions = onTerminal,
): Promise<number> {
  const [{ gather }, { planTeardown }, { spin }] = await Promise.all([
    import('../stacks/teardown/plan/gather.ts'),
    import('../stacks/teardown/plan/plan.ts'),
    import('../terminal/spinner.ts'),
  ]);
  const project = await readProjectConfig(ctx.config, flags);
  const stage = project.stage.value;
  const choices = { keep: flags.keep, includesArtifacts: flags.includeArtifacts ?? false };
  const platform = await ctx.openPlatform({ region: project.region.value, profile: project.profile.value });
  try {
    const inventory = await spin(ctx.terminal, `Looking at stage ${stage.name} ...`, async () => {
      const place = await platform.place();
      requireAccount(project, place.account);
      const found = await gather({ ports: platform, clock: ctx.clock }, stage, place, null);
      return withWarehouse(ctx, flags, found);
    });
    const plan = planTeardown(inventory, choices);
    const expected = { stage, before: inventory, choices };
    if (plan.tasks.length === 0) return await answerNothing(ctx, platform, expected, plan, flags);
    requirePlan(plan, flags.plan);
    if (flags.dryRun === true) return await answerPlan(ctx, plan, flags);
    await requireAllowed(platform, stage, inventory);
    await approve(ctx, platform, { inventory, choices, plan, flags, ask });
    const { applyAndReport } = await import('./teardown/report.ts');
    return await applyAndReport(ctx, platform, expected, plan, flags);
  } finally {
    platform.close();
  }
}

async function withWarehouse(
  ctx: TeardownContext,
  flags: TeardownOptions,
  inventory: Inventory,
): Promise<Inventory> {
  const url = flags.warehouse ?? ctx.config.warehouse;
  if (url === undefined) return inventory;
  const { readWarehouseFacts } = await import('./teardown/warehouse-facts.ts');
  const raw = inventory.buckets.find(({ role }) => role === 'raw');
  return { ...inventory, warehouse: await readWarehouseFacts(ctx, url, raw?.name ?? null) };
}

/** @throws SbwError PLAN_CHANGED (refused) */
function requirePlan(plan: TeardownPlan, id: string | undefined): void {
  if (id === undefined || id === plan.id) return;
  throw new SbwError('PLAN_CHANGED', `The plan is now ${plan.id}, no longer ${id}: the stage has changed.`, {
    kind: 'refused',
    fix: 'look at it again with --dry-run, then give its id to --plan',
  });
}

/** @throws SbwError STAGE_PROTECTED, STACK_BUSY (refused) */
async function requireAllowed(
  platform: TeardownPlatform,
  stage: Stage,
  { stacks }: Inventory,
): Promise<void> {
  const [{ readProtection, requireUnprotected }, { requireIdle }] = await Promise.all([
    import('../stacks/protection.ts'),
    import('../stacks/teardown/apply/delete-stack.ts'),
  ]);
  const described = stacks.map(({ stack }) => stack);
  requireUnprotected(stage, await readProtection(platform, stage, described));
  for (const stack of described) requireIdle(stack);
}

const KEEPABLE: ReadonlySet<string> = new Set(['raw', 'warehouse', 'web-db']);

function parseKeep(text: string): ReadonlySet<Keepable> {
  const words = text.split(',').map((word) => word.trim());
  const wrong = words.find((word) => !KEEPABLE.has(word));
  if (wrong === undefined) return new Set(words as Keepable[]);
  throw new InvalidArgumentError(`It must be raw, warehouse, web-db, or several with commas.`);
}
