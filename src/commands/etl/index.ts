import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { registerBackfill } from './backfill.ts';
import { registerGaps } from './gaps.ts';
import { registerRetry } from './retry.ts';
import { registerRun } from './run.ts';
import { registerVerify } from './verify.ts';

/** `sbw etl ...`: raw events to rows. */
export function registerEtl(program: Command, ctx: Context, exit: Exit): void {
  const etl = program
    .command('etl')
    .description('Load raw events into the warehouse, and prove that none is missing.');
  registerRun(etl, ctx, exit);
  registerBackfill(etl, ctx, exit);
  registerRetry(etl, ctx, exit);
  registerGaps(etl, ctx, exit);
  registerVerify(etl, ctx, exit);
}
