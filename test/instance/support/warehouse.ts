import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { ADDRESS, type Host, type Stage } from './host.ts';

/** Rows as psql prints them bare, asked by a user of the machine over the Unix socket. */
export function ask(host: Host, statement: string, user = 'postgres', role = user): string {
  const command = `cd / && runuser --user ${user} -- psql -XqAt --username ${role} clickstream_dw`;
  return host.machine.shell(`${command} <<'SQL'\n${statement}\nSQL`).trim();
}

/** What PostgreSQL says to a user who may not. */
export function refusalOf(host: Host, statement: string, user: string, role: string): string {
  const psql = ['psql', '-XqAt', '--username', role, 'clickstream_dw', '--command', statement];
  const { code, stderr } = host.machine.run(['env', '--chdir=/', 'runuser', '--user', user, '--', ...psql]);
  assert.notEqual(code, 0, `${role} may: ${statement}`);
  return stderr;
}

export interface EtlAnswer {
  readonly applied?: number[];
  readonly version?: number;
  readonly rows?: unknown[];
  readonly problem?: string;
}

/** Over the network and TLS, by the code of the ETL function: see etl-client.ts. */
export async function askAsEtl(
  host: Host,
  stage: Stage,
  statement: string,
  given: { host?: string; password?: string; authority?: string; user?: string } = {},
): Promise<EtlAnswer> {
  const address = {
    ...{ host: ADDRESS, port: '5432', user: 'etl_writer', database: 'clickstream_dw' },
    ...{ password: stage.password, authority: stage.authority, ...given },
  };
  const client = ['--import', 'tsx', 'test/instance/support/etl-client.ts', JSON.stringify(address)];
  const { stdout } = host.machine.spawnInNetwork([process.execPath, ...client, statement]);
  return JSON.parse(await text(stdout!)) as EtlAnswer;
}
