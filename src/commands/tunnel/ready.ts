import type { ProvenTunnel } from '../../tunnel/open-proven.ts';

/** The content of the ready file: `sbw.tunnel-ready/1` of docs/tunnel.md. */
export function readyText(open: readonly ProvenTunnel[]): string {
  const tunnels = open.map(({ plan, tunnel, url }) => ({
    target: plan.name,
    instance_id: plan.instance.id,
    host: tunnel.host,
    port: tunnel.port,
    url,
    session_ids: tunnel.sessions.map(({ id }) => id),
  }));
  return `${JSON.stringify({ schema: 'sbw.tunnel-ready/1', pid: process.pid, tunnels })}\n`;
}

/** What the command after `--` is told: SBW_TUNNEL_<TARGET>_PORT and _URL, and for one database the PG variables. */
export function environmentFor(open: readonly ProvenTunnel[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { plan, tunnel, url } of open) {
    const name = plan.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
    for (const prefix of open.length === 1 ? ['SBW_TUNNEL', `SBW_TUNNEL_${name}`] : [`SBW_TUNNEL_${name}`]) {
      environment[`${prefix}_PORT`] = String(tunnel.port);
      environment[`${prefix}_URL`] = url;
    }
  }
  const databases = open.filter(({ plan }) => plan.proof.kind === 'postgres');
  const [database] = databases;
  if (databases.length !== 1 || database === undefined) return environment;
  const { proof } = database.plan;
  const { hostname } = new URL(database.url);
  return {
    ...environment,
    PGHOST: hostname.replace(/^\[|\]$/g, ''),
    PGPORT: String(database.tunnel.port),
    ...(proof.kind === 'postgres' && proof.database !== '' ? { PGDATABASE: proof.database } : {}),
  };
}
