import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { registerDemo } from './demo.ts';
import { registerDown } from './down.ts';
import { registerSeed } from './seed.ts';
import { registerServe } from './serve.ts';
import { registerStatus } from './status.ts';
import { registerTail } from './tail.ts';
import { registerUp } from './up.ts';

/** `sbw local ...`: the whole pipeline on this machine. */
export function registerLocal(program: Command, ctx: Context, exit: Exit): void {
  const local = program
    .command('local')
    .description('The whole pipeline on this machine: no account, no Docker, no network.');
  registerDemo(local, ctx, exit);
  registerUp(local, ctx, exit);
  registerStatus(local, ctx, exit);
  registerSeed(local, ctx, exit);
  registerTail(local, ctx, exit);
  registerDown(local, ctx, exit);
  registerServe(local, ctx, exit);
}
