import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { SbwError } from '../errors.ts';
import type { Database, ObjectStore } from '../etl/ports.ts';
import type { Run } from '../etl/store/runs.ts';

/** Where the raw events and the warehouse are, as given on the command line. */
export interface SourceFlags {
  readonly raw?: string;
  /** May hold a password: never print it. */
  readonly warehouse?: string;
}

export interface Sources {
  readonly store: ObjectStore;
  readonly database: Database;
}

export function addSourceOptions(command: Command): Command {
  return addWarehouseOption(
    command.option('--raw <where>', 'raw events: a directory or s3://bucket[/prefix] (SBW_RAW)'),
  );
}

export function addWarehouseOption(command: Command): Command {
  return command.option('--warehouse <url>', 'postgres://user@host:port/database (SBW_WAREHOUSE)');
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON object on stdout, see docs/json-output.md');
}

export function addWindowOptions(command: Command): Command {
  return command
    .option('--from <time>', 'first hour, such as 2025-12-06 or 2025-12-06T05')
    .option('--to <time>', 'end of the window, not included')
    .option('--last <length>', 'instead of both: the last 24h, 7d, ... until now')
    .option('--tz <zone>', 'zone of times without one, such as Asia/Ho_Chi_Minh (default: UTC)');
}

/** How a run reads: the flags that every loading command takes. */
export function addLoadOptions(command: Command): Command {
  return command
    .option('--parallel <hours>', 'hours loaded at once', wholeNumber(1, 16), 4)
    .option('--reads <count>', 'objects read at once (default: what suits the store)', wholeNumber(1, 1024))
    .addOption(
      new Option('--order <order>', 'which hours come first').choices(['newest', 'oldest']).default('newest'),
    );
}

/** A commander parser for whole numbers in a range; anything else is a usage error. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** The block of examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

/**
 * Opens the raw store and the warehouse for as long as `use` runs. The warehouse's schema is brought up to date.
 *
 * @param name shows up in pg_stat_activity
 * @throws SbwError RAW_NOT_NAMED, WAREHOUSE_NOT_NAMED (environment) when neither a flag, nor the environment, nor
 * a running local platform says where they are
 */
export async function withSources<T>(
  ctx: Context,
  flags: SourceFlags,
  name: string,
  use: (sources: Sources) => Promise<T>,
): Promise<T> {
  const rawUrl = await findRawUrl(ctx, flags);
  return withWarehouse(ctx, flags, name, async (database) => {
    const store = await ctx.openStore(rawUrl);
    try {
      return await use({ store, database });
    } finally {
      await store.close();
    }
  });
}

/** @see withSources; for commands that need no raw events. */
export async function withWarehouse<T>(
  ctx: Context,
  flags: SourceFlags,
  name: string,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await ctx.openDatabase(await findWarehouseUrl(ctx, flags), name);
  try {
    const { migrate } = await import('../etl/store/migrate.ts');
    await migrate(database);
    return await use(database);
  } finally {
    await database.close();
  }
}

/** @throws SbwError RUN_NOT_FOUND */
export async function requireRun(database: Database, runId: string): Promise<Run> {
  const { findRun } = await import('../etl/store/runs.ts');
  const run = await database.withSession((session) => findRun(session, runId));
  if (run !== null) return run;
  throw new SbwError('RUN_NOT_FOUND', `The warehouse knows no run ${JSON.stringify(runId)}.`, {
    fix: 'see which there are: sbw runs ls',
  });
}

/**
 * The flags that lead a later command to the same places, to be pasted: only what was given as a flag, and
 * never the password.
 */
export function sourceArguments(flags: SourceFlags): string {
  const raw = flags.raw === undefined ? '' : ` --raw ${quote(flags.raw)}`;
  return flags.warehouse === undefined
    ? raw
    : `${raw} --warehouse ${quote(withoutPassword(flags.warehouse))}`;
}

/** An argument as a POSIX shell must be given it. */
export function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** Unlike describeDatabaseUrl this keeps what else decides about the connection, such as sslmode. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  parsed.searchParams.delete('password');
  return parsed.href;
}

async function findRawUrl(ctx: Context, flags: SourceFlags): Promise<string> {
  const url = flags.raw ?? ctx.config.raw ?? (await findLocalRaw(ctx));
  if (url !== undefined && url !== '') return url;
  throw new SbwError('RAW_NOT_NAMED', 'Nothing says where the raw events are.', {
    kind: 'environment',
    fix: 'give --raw <directory | s3://bucket[/prefix]> or SBW_RAW, or start the local platform: sbw local up',
  });
}

async function findWarehouseUrl(ctx: Context, flags: SourceFlags): Promise<string> {
  const url = flags.warehouse ?? ctx.config.warehouse ?? (await findLocalWarehouse(ctx));
  if (url !== undefined && url !== '') return url;
  throw new SbwError('WAREHOUSE_NOT_NAMED', 'Nothing says where the warehouse is.', {
    kind: 'environment',
    fix: 'give --warehouse postgres://user@host:port/database or SBW_WAREHOUSE, or start the local platform: sbw local up',
  });
}

async function findLocalRaw(ctx: Context): Promise<string | undefined> {
  const { findLocalPlatform } = await import('../local/platform.ts');
  return (await findLocalPlatform(ctx.config))?.rawUrl;
}

async function findLocalWarehouse(ctx: Context): Promise<string | undefined> {
  const { findLocalPlatform, isServerOurs } = await import('../local/platform.ts');
  const platform = await findLocalPlatform(ctx.config);
  if (platform === null) return undefined;
  if (await isServerOurs(platform.state)) return platform.warehouseUrl;
  throw new SbwError('LOCAL_WAREHOUSE_DOWN', "The local platform's warehouse has ended.", {
    kind: 'environment',
    fix: 'start it again, nothing is lost: sbw local up',
  });
}
