import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { TeardownContext } from './context.ts';
import { SbwError } from '../../errors.ts';
import type { Choices } from '../../stacks/teardown/plan/choices.ts';
import type { Inventory } from '../../stacks/teardown/plan/inventory.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';

export interface SaveFlags {
  readonly export?: string;
  /** Both may hold a password: never print them. */
  readonly warehouse?: string;
  readonly webDb?: string;
}

/**
 * Saves what would die, before anybody is asked whether it shall.
 *
 * @param canAsk a person will read what could not be saved, and decide
 * @throws SbwError EXPORT_INCOMPLETE (refused) when nobody would
 */
export async function saveData(
  ctx: TeardownContext,
  { databaseDump }: Pick<TeardownPlatform, 'databaseDump'>,
  {
    inventory,
    choices,
    flags,
    canAsk,
  }: {
    readonly inventory: Inventory;
    readonly choices: Choices;
    readonly flags: SaveFlags;
    readonly canAsk: boolean;
  },
): Promise<void> {
  if (flags.export === undefined) return;
  const [{ exportStage }, { formatExport }, { fit }] = await Promise.all([
    import('../../stacks/teardown/export/export-stage.ts'),
    import('../../terminal/teardown/render-export.ts'),
    import('../../terminal/wrap.ts'),
  ]);
  const urls = { warehouse: flags.warehouse ?? ctx.config.warehouse ?? null, 'web-db': flags.webDb ?? null };
  const roles = inventory.volumes.filter(({ role, isThere }) => isThere && !choices.keep.has(role));
  const raw = choices.keep.has('raw') ? undefined : inventory.buckets.find(({ role }) => role === 'raw');
  const report = await exportStage(
    {
      openStore: ctx.openStore,
      makeFolder: (path) => mkdir(path, { recursive: true }),
      ...{ databaseDump, clock: ctx.clock, stop: ctx.interrupts.stop, say: ctx.terminal.info },
    },
    {
      folder: resolve(ctx.config.cwd, flags.export),
      rawBucket: raw?.name ?? null,
      databases: roles.map(({ role }) => ({ name: role, url: urls[role] })),
    },
  );
  ctx.terminal.error(fit(ctx.terminal, formatExport(report)));
  if (report.isComplete || canAsk) return;
  throw new SbwError('EXPORT_INCOMPLETE', 'Not everything could be saved, so nothing is deleted.', {
    kind: 'refused',
    fix: 'keep what cannot be saved (--keep warehouse,web-db), or leave --export out',
  });
}
