import { spawn } from 'node:child_process';
import { rename, rm, stat } from 'node:fs/promises';
import { SbwError } from '../../errors.ts';
import type { DatabaseDump } from '../../stacks/ports/database-dump.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * pg_dump of the machine, in PostgreSQL's custom format: compressed, and restored with pg_restore.
 *
 * @param environment of which it gets only what it needs to start
 */
export function openPgDump(environment: Environment): DatabaseDump {
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, environment[name]]));
  return { dump: (url, file) => dump({ ...inherited, ...environmentOf(url) }, file) };
}

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

async function dump(environment: Environment, file: string): ReturnType<DatabaseDump['dump']> {
  const unfinished = `${file}.part`;
  try {
    await run('pg_dump', ['--format=custom', '--no-password', `--file=${unfinished}`], environment);
    const list = await run('pg_restore', ['--list', unfinished], environment);
    await rename(unfinished, file);
    const { size } = await stat(file);
    return { bytes: size, tables: list.split('\n').filter((line) => / TABLE DATA /.test(line)).length };
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** How libpq is told where to go by its environment; other programs of this user cannot read that. */
function environmentOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const given: Record<string, string> = {
    PGHOST: searchParams.get('host') ?? decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password || (searchParams.get('password') ?? '')),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get('sslmode') ?? '',
    PGSSLROOTCERT: searchParams.get('sslrootcert') ?? '',
    PGCONNECT_TIMEOUT: '15',
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** @returns stdout */
async function run(
  program: string,
  parameters: readonly string[],
  environment: Environment,
): Promise<string> {
  const child = spawn(program, parameters, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (cause) => reject(toolMissing(program, cause)));
  });
  if (code === 0) return Buffer.concat(out).toString();
  const said = Buffer.concat(errors).toString().trim().slice(0, 500);
  throw new SbwError('DUMP_FAILED', `${program} ended with ${code ?? 'a signal'}: ${said}`);
}

function toolMissing(program: string, cause: Error): SbwError {
  return new SbwError('DUMP_TOOL_MISSING', `Cannot start ${program}: ${cause.message}`, {
    kind: 'environment',
    fix: 'install the PostgreSQL client programs, such as: sudo apt-get install postgresql-client',
    cause,
  });
}
