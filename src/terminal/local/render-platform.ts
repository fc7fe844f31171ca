import type { LocalHome } from '../../local/home.ts';
import type { LocalPlatform } from '../../local/platform.ts';
import type { Started } from '../../local/start.ts';
import type { PlatformStatus } from '../../local/status.ts';
import type { Losses, Stopped } from '../../local/stop.ts';
import { formatBytes, formatCount, formatCountOf, formatDuration, formatTime } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

export interface DownResult extends Stopped {
  /** False when there was no local platform at all. */
  readonly existed: boolean;
  readonly wiped: boolean;
  readonly home: LocalHome;
}

/** What listens where, and what to try next. */
export function formatUp({ outcome, platform }: Started, dashboardUrl: string | null = null): string {
  const { state, home } = platform;
  const title =
    outcome === 'started' ? 'The local platform is up.' : 'The local platform is already running.';
  return [
    paint.green(title),
    ...places(platform),
    `  ETL        every ${state.every_seconds} s`,
    ...(dashboardUrl === null ? [] : [`  dashboard  ${dashboardUrl}`]),
    `  logs       ${home.serviceLog}`,
    ...(state.warehouse.kind === 'embedded' ? [`             ${home.postgresLog}`] : []),
    '',
    'Next:',
    '  sbw local seed      shop traffic through the ingest',
    '  sbw local tail      events as they arrive, good and bad',
    '  sbw local status    what has arrived',
    '  sbw local down      stop it; the data stays',
    '',
    'One event by hand:',
    `  curl -H 'content-type: application/json' -d '{"eventName":"page_view"}' ${ingestOf(platform)}`,
  ].join('\n');
}

/** `sbw.local-up/1` of docs/json-output.md. */
export function upToJson({ outcome, platform }: Started): Record<string, unknown> {
  return { schema: 'sbw.local-up/1', outcome, ...placesToJson(platform) };
}

/** Null: not running. */
export function formatStatus(status: PlatformStatus | null, now: Date): string {
  if (status === null) return 'The local platform is not running. Start it: sbw local up';
  const { platform, live, received, objectsToday, warehouse, lastRun } = status;
  const { state } = platform;
  const isUp = live.service && live.warehouse;
  const since = `since ${formatTime(new Date(state.started_at))} UTC`;
  const lines = [
    isUp
      ? paint.green(`The local platform is up, ${since}.`)
      : paint.red(`The local platform was started ${since}, but part of it is down.`),
    `  ${verdict(live.service)} service (ingest and ETL)${live.service ? '' : `, see ${platform.home.serviceLog}`}`,
    `  ${verdict(live.warehouse)} warehouse`,
    ...places(platform),
    '',
    ...(received === null ? [] : [`  through the door   ${formatReceived(received)}`]),
    `  raw objects today  ${formatCount(objectsToday)}`,
  ];
  if (warehouse !== null) {
    const { rows, quarantined, newestEventAt } = warehouse;
    const newest = newestEventAt === null ? '-' : `${formatTime(new Date(newestEventAt))} UTC`;
    lines.push(
      `  good (rows)        ${formatCount(rows)}`,
      `  bad (quarantine)   ${formatCount(quarantined)}`,
      `  newest event       ${newest}`,
    );
  }
  lines.push(`  last ETL run       ${formatLastRun(lastRun, now)}`);
  if (!isUp) lines.push('', 'Bring it back: sbw local up');
  return lines.join('\n');
}

/** `sbw.local-status/1` of docs/json-output.md. */
export function statusToJson(status: PlatformStatus | null): Record<string, unknown> {
  const schema = 'sbw.local-status/1';
  if (status === null) return { schema, running: false };
  const { platform, live, received, objectsToday, warehouse, lastRun } = status;
  return {
    schema,
    running: live.service && live.warehouse,
    service_up: live.service,
    warehouse_up: live.warehouse,
    started_at: platform.state.started_at,
    version: platform.state.version,
    ...placesToJson(platform),
    received,
    raw_objects_today: objectsToday,
    rows: warehouse?.rows ?? null,
    quarantined: warehouse?.quarantined ?? null,
    newest_event_at: warehouse?.newestEventAt ?? null,
    last_run: lastRun,
  };
}

export function formatDown({ service, warehouse, existed, wiped, home }: DownResult): string {
  if (!existed) return `There is no local platform in ${home.directory}.`;
  const parts = [...(service ? ['service'] : []), ...(warehouse ? ['warehouse'] : [])];
  const stopped = parts.length > 0 ? `Stopped: ${parts.join(', ')}.` : 'Nothing was running.';
  return `${stopped} ${wiped ? `Deleted: ${home.directory}` : `The data stays in ${home.directory}`}`;
}

/** `sbw.local-down/1` of docs/json-output.md. */
export function downToJson({ service, warehouse, wiped }: DownResult): Record<string, unknown> {
  return { schema: 'sbw.local-down/1', stopped: { service, warehouse }, wiped };
}

/** What a wipe would destroy, before the question. */
export function formatLosses({ objects, bytes, rows, quarantined }: Losses, home: LocalHome): string {
  const inWarehouse =
    rows === null
      ? 'the embedded warehouse, if there is one (it is not running, so its rows are not counted)'
      : `${formatCountOf(rows, 'row')} and ${formatCountOf(quarantined ?? 0, 'quarantined event')} of the warehouse`;
  return [
    paint.red(`This deletes the local platform in ${home.directory}:`),
    `  ${formatCountOf(objects, 'raw object')} (${formatBytes(bytes)})`,
    `  ${inWarehouse}`,
    '  its passwords and logs. A warehouse given with --warehouse is left alone.',
  ].join('\n');
}

function places(platform: LocalPlatform): string[] {
  const { state } = platform;
  return [
    `  ingest     ${ingestOf(platform)}`,
    `  raw        ${state.raw}`,
    `  warehouse  ${oneLine(state.warehouse.url)}`,
    ...(state.warehouse.kind === 'embedded' ? [`  psql       ${psqlLine(platform)}`] : []),
  ];
}

function placesToJson(platform: LocalPlatform): Record<string, unknown> {
  const { state, home } = platform;
  const isEmbedded = state.warehouse.kind === 'embedded';
  return {
    ingest_url: ingestOf(platform),
    health_url: `${state.ingest.url}/sbw/health`,
    raw: state.raw,
    warehouse: { kind: state.warehouse.kind, url: state.warehouse.url, port: state.warehouse.port },
    psql: isEmbedded ? psqlLine(platform) : null,
    pass_file: isEmbedded ? home.passFile : null,
    every_seconds: state.every_seconds,
    service_log: home.serviceLog,
    postgres_log: isEmbedded ? home.postgresLog : null,
  };
}

/** Where a tracker posts its events. */
function ingestOf({ ingestUrl }: LocalPlatform): string {
  return `${ingestUrl}/clickstream`;
}

function psqlLine({ state, home }: LocalPlatform): string {
  const file = /^[\w@%+=:,./-]+$/.test(home.passFile)
    ? home.passFile
    : `'${home.passFile.replaceAll("'", "'\\''")}'`;
  return `PGPASSFILE=${file} psql -h 127.0.0.1 -p ${state.warehouse.port} -U dashboard_reader clickstream_dw`;
}

function formatLastRun(run: PlatformStatus['lastRun'], now: Date): string {
  if (run === null) return 'none yet';
  const ago = `${formatDuration(now.getTime() - Date.parse(run.finished_at))} ago`;
  if (run.error !== null) return `${paint.red('FAILED')} ${ago}: ${oneLine(run.error)}`;
  if (run.run_id === null) return `${ago}, nothing new`;
  const counts = `${formatCount(run.loaded)} loaded, ${formatCount(run.quarantined)} quarantined`;
  return `${ago}, ${run.run_id}: ${counts}${run.balanced ? '' : paint.red(', NOT BALANCED')}`;
}

function formatReceived({ total, good, bad }: NonNullable<PlatformStatus['received']>): string {
  const judged = `${formatCount(good)} good, ${formatCount(bad)} bad`;
  return `${formatCountOf(total, 'event')} since the start: ${judged}`;
}

function verdict(isUp: boolean): string {
  return isUp ? paint.green('ok  ') : paint.red('DOWN');
}
