import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { QuarantineFilter } from '../../etl/store/quarantine.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, wholeNumber, withWarehouse } from '../options.ts';
import type { SourceFlags } from '../options.ts';
import { addSelectionOptions, quarantineToJson, selectionOf } from './quarantine.ts';
import type { SelectionFlags } from './quarantine.ts';

export interface ListOptions extends SourceFlags, SelectionFlags {
  readonly state: QuarantineFilter['state'];
  readonly limit: number;
  readonly json?: boolean;
}

export function registerQuarantineLs(parent: Command, ctx: Context, exit: Exit, run = runQuarantineLs): void {
  const command = addSelectionOptions(
    parent.command('ls').description('List rejected events by reason, and one by one.'),
  )
    .addOption(new Option('--state <state>', 'which').choices(['open', 'resolved', 'all']).default('open'))
    .option('--limit <count>', 'events listed one by one', wholeNumber(0, 100_000), 20);
  addJsonOption(addWarehouseOption(command))
    .addHelpText(
      'after',
      examples(
        'sbw data quarantine ls',
        'sbw data quarantine ls --reason price_not_number --last 7d',
        'sbw data quarantine ls --run r_5f2c81d09a3e --json',
      ),
    )
    .action(async (flags: ListOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runQuarantineLs(ctx: Context, flags: ListOptions): Promise<number> {
  const [{ countQuarantine, listQuarantine }, { formatQuarantine }] = await Promise.all([
    import('../../etl/store/quarantine.ts'),
    import('../../terminal/etl/render-quarantine.ts'),
  ]);
  const filter = { ...(await selectionOf(flags, ctx.clock.now())), state: flags.state, limit: flags.limit };
  const { groups, rows } = await withWarehouse(ctx, flags, 'sbw data quarantine', (database) =>
    database.withSession(async (session) => ({
      groups: await countQuarantine(session, filter),
      rows: await listQuarantine(session, filter),
    })),
  );
  const json = {
    schema: 'sbw.quarantine-list/1',
    total: groups.reduce((sum, group) => sum + group.events, 0),
    groups,
    events: rows.map(quarantineToJson),
  };
  ctx.terminal.result(flags.json ? JSON.stringify(json) : formatQuarantine(groups, rows));
  return 0;
}
