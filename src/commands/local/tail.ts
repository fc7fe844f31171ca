import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples, wholeNumber } from '../options.ts';
import { requirePlatform } from './platform.ts';

export interface TailOptions {
  readonly good?: boolean;
  readonly bad?: boolean;
  readonly count?: number;
  readonly json?: boolean;
}

export function registerTail(parent: Command, ctx: Context, exit: Exit, run = runTail): void {
  addJsonOption(
    parent
      .command('tail')
      .description('Show events as they arrive, good and bad, until Ctrl-C.')
      .option('--good', 'only good ones')
      .option('--bad', 'only those that the ETL will quarantine or the ingest refused')
      .option('--count <events>', 'end after so many', wholeNumber(1, 1_000_000)),
  )
    .addHelpText(
      'after',
      examples('sbw local tail', 'sbw local tail --bad', 'sbw local tail --json --count 10'),
    )
    .action(async (flags: TailOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code: 0 also for Ctrl-C, which is how a tail ends. */
export async function runTail(ctx: Context, flags: TailOptions): Promise<number> {
  const [{ tailEvents }, { formatWatched }] = await Promise.all([
    import('../../local/door/tail.ts'),
    import('../../terminal/local/render-tail.ts'),
  ]);
  const { ingestUrl } = await requirePlatform(ctx);
  const { clock, terminal, interrupts } = ctx;
  terminal.info(`Events at ${ingestUrl}/clickstream   Ctrl-C to end`);
  let left = flags.count ?? Infinity;
  const onGap = (): void => terminal.info('The connection was lost; connecting again ...');
  for await (const event of tailEvents(ingestUrl, { clock, stop: interrupts.stop, onGap })) {
    if (flags.good === true && event.verdict !== 'good') continue;
    if (flags.bad === true && event.verdict !== 'bad') continue;
    terminal.result(flags.json === true ? JSON.stringify(event) : formatWatched(event));
    left -= 1;
    if (left === 0) break;
  }
  return 0;
}
