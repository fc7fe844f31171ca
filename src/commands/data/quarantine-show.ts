import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, withWarehouse } from '../options.ts';
import type { SourceFlags } from '../options.ts';
import { quarantineToJson } from './quarantine.ts';

export interface ShowQuarantinedOptions extends SourceFlags {
  readonly json?: boolean;
}

export function registerQuarantineShow(
  parent: Command,
  ctx: Context,
  exit: Exit,
  run = runQuarantineShow,
): void {
  const command = parent
    .command('show <id>')
    .description('Show one rejected event: why, from where, and its raw text.');
  addJsonOption(addWarehouseOption(command))
    .addHelpText('after', examples('sbw data quarantine show q_9f2c11d07b3ae845'))
    .action(async (id: string, flags: ShowQuarantinedOptions) => {
      exit.code = await run(ctx, id, flags);
    });
}

/** Returns the exit code. */
export async function runQuarantineShow(
  ctx: Context,
  id: string,
  flags: ShowQuarantinedOptions,
): Promise<number> {
  const [{ findQuarantined }, { formatQuarantined }] = await Promise.all([
    import('../../etl/store/quarantine.ts'),
    import('../../terminal/etl/render-quarantine.ts'),
  ]);
  const row = await withWarehouse(ctx, flags, 'sbw data quarantine', (database) =>
    database.withSession((session) => findQuarantined(session, id)),
  );
  if (row === null) {
    throw new SbwError('QUARANTINE_NOT_FOUND', `Nothing in quarantine has the id ${JSON.stringify(id)}.`, {
      fix: 'see what there is: sbw data quarantine ls --state all',
    });
  }
  const json = { schema: 'sbw.quarantined-event/1', ...quarantineToJson(row), raw_text: row.raw_text };
  ctx.terminal.result(flags.json ? JSON.stringify(json) : formatQuarantined(row));
  return 0;
}
