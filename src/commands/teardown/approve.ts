import { SbwError } from '../../errors.ts';
import type { Choices } from '../../stacks/teardown/plan/choices.ts';
import type { Inventory } from '../../stacks/teardown/plan/inventory.ts';
import type { Loss, TeardownPlan } from '../../stacks/teardown/plan/plan.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';
import { type CommandFlags, teardownCommand } from './command.ts';
import type { TeardownContext } from './context.ts';
import type { SaveFlags } from './save-data.ts';

/** What a person is asked. */
export interface Questions {
  /** Whether what can be saved shall be saved there first. @param what `1,204 raw objects (61 MB)` */
  export(what: string, folder: string): Promise<boolean>;
  /** Lets the name of the stage be typed. */
  stageName(stage: string): Promise<string>;
}

export interface Approval {
  readonly inventory: Inventory;
  readonly choices: Choices;
  readonly plan: TeardownPlan;
  readonly flags: SaveFlags & CommandFlags & { readonly confirm?: string; readonly input?: boolean };
  readonly ask: Questions;
}

/** Shows the plan, saves what shall be saved, and has the name of the stage typed. @throws SbwError */
export async function approve(
  ctx: TeardownContext,
  platform: TeardownPlatform,
  { inventory, choices, plan, flags, ask }: Approval,
): Promise<void> {
  const [{ formatTeardownPlan }, { saveData }] = await Promise.all([
    import('../../terminal/teardown/render-plan.ts'),
    import('./save-data.ts'),
  ]);
  ctx.terminal.error(formatTeardownPlan(plan, ctx.terminal));
  const canAsk = flags.confirm === undefined && flags.input !== false && ctx.terminal.isInteractive;
  if (flags.confirm === undefined && !canAsk) {
    throw new SbwError('ANSWER_MISSING', `Nobody is here to type the name of the stage.`, {
      kind: 'usage',
      fix: `${teardownCommand(plan.stage, flags)} --plan ${plan.id} --confirm ${plan.stage}`,
    });
  }
  if (flags.confirm !== undefined) requireName(flags.confirm, plan.stage);
  const folder = flags.export ?? (canAsk ? await offerExport(ctx, plan, flags, ask) : null);
  if (folder !== null) {
    await saveData(ctx, platform, { inventory, choices, flags: { ...flags, export: folder }, canAsk });
  }
  if (canAsk) requireName(await ask.stageName(plan.stage), plan.stage);
}

/** The folder, when there is something that can be saved from here and the operator wants it; else null. */
async function offerExport(
  ctx: TeardownContext,
  { stage, losses }: TeardownPlan,
  { warehouse = ctx.config.warehouse, webDb }: SaveFlags,
  ask: Questions,
): Promise<string | null> {
  const { formatSavable } = await import('../../terminal/teardown/render-export.ts');
  const isReachable = { warehouse: warehouse !== undefined, 'web-db': webDb !== undefined };
  const savable = losses.filter((loss) => canBeSaved(loss, isReachable));
  if (savable.length === 0) return null;
  const folder = `sbw-backup-${stage}-${ctx.clock.now().toISOString().slice(0, 10).replaceAll('-', '')}`;
  return (await ask.export(formatSavable(savable), folder)) ? folder : null;
}

function canBeSaved(loss: Loss, isReachable: Readonly<Record<'warehouse' | 'web-db', boolean>>): boolean {
  if (loss.kind === 'bucket') return loss.role === 'raw' && loss.content.objects > 0;
  return loss.kind === 'volume' && isReachable[loss.role];
}

/** @throws SbwError CANCELLED */
function requireName(typed: string, stage: string): void {
  if (typed === stage) return;
  throw new SbwError('CANCELLED', `That is not the name of the stage (${stage}). Nothing was deleted.`, {
    kind: 'cancelled',
  });
}

export const onTerminal: Questions = {
  export: async (what, folder) =>
    (await import('../../terminal/teardown/ask-operator.ts')).askExport(what, folder),
  stageName: async (stage) => (await import('../../terminal/teardown/ask-operator.ts')).askStageName(stage),
};
