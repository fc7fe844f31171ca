import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Started } from '../../local/start.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, wholeNumber } from '../options.ts';
import { serve } from './serve.ts';

export interface UpOptions {
  readonly port?: number;
  readonly pgPort?: number;
  readonly every?: number;
  readonly foreground?: boolean;
  readonly shiny?: boolean;
  /** May hold a password: never print it. */
  readonly warehouse?: string;
  readonly json?: boolean;
  /** Of this sbw; not a flag. */
  readonly version: string;
}

const INGEST_PORT = 8080;
/** Not 5432: whoever has a PostgreSQL of their own has it there. */
const WAREHOUSE_PORT = 54320;
const EVERY_SECONDS = 30;

export function registerUp(parent: Command, ctx: Context, exit: Exit, run = runUp): void {
  const command = parent
    .command('up')
    .description('Start warehouse, ingest and scheduled ETL on this machine. Safe to repeat.')
    .option(
      '--port <port>',
      `of the ingest (default: ${INGEST_PORT}, or the next free one)`,
      wholeNumber(1, 65_535),
    )
    .option(
      '--pg-port <port>',
      `of the warehouse (default: ${WAREHOUSE_PORT}, or the next free one)`,
      wholeNumber(1, 65_535),
    )
    .option(
      '--every <seconds>',
      `pause between two ETL runs (default: ${EVERY_SECONDS})`,
      wholeNumber(1, 86_400),
    )
    .option('--shiny', 'the dashboard too; needs R')
    .option('--foreground', 'stay here until Ctrl-C, then stop everything');
  addJsonOption(addWarehouseOption(command))
    .addHelpText(
      'after',
      examples(
        'sbw local up',
        'sbw local up --port 9000 --every 5',
        'sbw local up --shiny',
        'sbw local up --warehouse postgres://me@127.0.0.1:5432/clickstream_dw',
      ),
    )
    .action(async (flags: Omit<UpOptions, 'version'>) => {
      exit.code = await run(ctx, { ...flags, version: versionOf(command) });
    });
}

/** Returns the exit code. */
export async function runUp(ctx: Context, flags: UpOptions): Promise<number> {
  const [{ startPlatform }, { formatUp, upToJson }] = await Promise.all([
    import('../../local/start.ts'),
    import('../../terminal/local/render-platform.ts'),
  ]);
  const { config, clock, openDatabase, terminal } = ctx;
  const wish = (port: number | undefined, usual: number): { port: number; isStrict: boolean } => ({
    port: port ?? usual,
    isStrict: port !== undefined,
  });
  terminal.info('Starting the local platform ...');
  const started = await startPlatform(
    { config, clock, openDatabase, say: terminal.info, stop: ctx.interrupts.stop },
    {
      version: flags.version,
      port: wish(flags.port, INGEST_PORT),
      warehousePort: wish(flags.pgPort, WAREHOUSE_PORT),
      everySeconds: flags.every ?? EVERY_SECONDS,
      warehouse: flags.warehouse ?? config.warehouse,
      service: flags.foreground ? 'here' : 'detached',
    },
  );
  const dashboardUrl = flags.shiny ? await startShiny(ctx, started) : null;
  const shown = flags.shiny ? { dashboard_url: dashboardUrl } : {};
  terminal.result(
    flags.json ? JSON.stringify({ ...upToJson(started), ...shown }) : formatUp(started, dashboardUrl),
  );
  if (started.outcome === 'already_running' && isOtherwise(flags, started)) {
    terminal.info('It stays as it is; to change it: sbw local down, then sbw local up with the new flags.');
  }
  if (flags.foreground && started.outcome === 'started') await stayHere(ctx, started);
  return 0;
}

async function startShiny({ config }: Context, { platform }: Started): Promise<string> {
  const { startDashboard } = await import('../../local/dashboard.ts');
  return (await startDashboard(platform, config.childEnvironment)).url;
}

async function stayHere(ctx: Context, { platform }: Started): Promise<void> {
  const { stopAfterService } = await import('../../local/stop.ts');
  try {
    await serve(ctx, platform);
  } finally {
    await stopAfterService(platform.home);
  }
}

/** Whether the flags ask for something else than what runs already. */
function isOtherwise(
  { port, pgPort, every, foreground, warehouse: url }: UpOptions,
  { platform }: Started,
): boolean {
  const { ingest, warehouse, every_seconds: running } = platform.state;
  return (
    foreground === true ||
    (url !== undefined && warehouse.kind === 'embedded') ||
    (port ?? ingest.port) !== ingest.port ||
    (pgPort ?? warehouse.port) !== warehouse.port ||
    (every ?? running) !== running
  );
}

/** commander keeps it with the program. */
function versionOf(command: Command): string {
  return command.parent === null ? (command.version() ?? '') : versionOf(command.parent);
}
