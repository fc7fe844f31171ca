import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { registerQuarantineLs } from './quarantine-ls.ts';
import { registerQuarantineReplay } from './quarantine-replay.ts';
import { registerQuarantineShow } from './quarantine-show.ts';
import { registerRebuildRollups } from './rebuild-rollups.ts';
import { registerShow } from './show.ts';

/** `sbw data ...`: single events, good and bad. */
export function registerData(program: Command, ctx: Context, exit: Exit): void {
  const data = program
    .command('data')
    .description(
      "Look at single events: where they came from, why they were rejected. Count the dashboard's numbers anew.",
    );
  registerShow(data, ctx, exit);
  const quarantine = data
    .command('quarantine')
    .description('Rejected events, kept with the reason: list, show, try again.');
  registerQuarantineLs(quarantine, ctx, exit);
  registerQuarantineShow(quarantine, ctx, exit);
  registerQuarantineReplay(quarantine, ctx, exit);
  registerRebuildRollups(data, ctx, exit);
}
