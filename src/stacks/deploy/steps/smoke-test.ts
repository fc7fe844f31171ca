import { SbwError } from '../../../errors.ts';
import type { Pipeline, RawObject, Servers } from '../../ports/deploy/pipeline.ts';
import { jitter, pause } from '../apply/pause.ts';
import type { Clock } from '../ports.ts';

/** One thing that was proved. */
export interface SmokeStep {
  readonly name: 'event sent' | 'raw object seen' | 'ETL loaded it' | 'row seen and removed' | 'dashboard';
  /** What the name does not say; often ''. */
  readonly result: string;
  readonly durationMs: number;
  /** It could not be told, and that is no failure: what would tell is not there (yet). */
  readonly isUnknown: boolean;
}

export interface SmokeTarget {
  readonly ingestUrl: string;
  readonly rawBucket: string;
  readonly etlFunction: string;
  /** Of the warehouse. */
  readonly instanceId: string;
}

export interface SmokeWorld {
  readonly pipeline: Pipeline;
  readonly servers: Servers;
  readonly clock: Clock;
  readonly leave: AbortSignal;
  newId(): string;
  emit(step: SmokeStep): void;
}

/** A new API and new permissions take AWS a while to spread. */
const PATIENCE_MS = 90_000;
const RETRY_MS = 3000;
const COMMAND_SECONDS = 60;

const HOUR_MS = 3_600_000;

/**
 * One marked event through the whole platform, and its row and raw object removed again.
 *
 * @throws SbwError SMOKE_TEST_FAILED, which says where the event got stuck; DEPLOY_STOPPED (cancelled)
 */
export async function runSmokeTest(world: SmokeWorld, target: SmokeTarget): Promise<readonly SmokeStep[]> {
  const steps: SmokeStep[] = [];
  const measure = async <T>(name: SmokeStep['name'], work: () => Promise<Outcome<T>>): Promise<T> => {
    const startedAt = world.clock.now().getTime();
    const { result, isUnknown = false, value } = await work();
    const step = { name, result, durationMs: world.clock.now().getTime() - startedAt, isUnknown };
    steps.push(step);
    world.emit(step);
    return value;
  };
  const eventId = `sbw-smoke-${world.newId()}`;
  const startedAt = world.clock.now();
  await measure('event sent', () => sendEvent(world, target, eventId, startedAt));
  const object = await measure('raw object seen', () => findObject(world, target, eventId, startedAt));
  await measure('ETL loaded it', () => load(world, target, object));
  const isRemoved = await measure('row seen and removed', () => removeRow(world, target, eventId));
  // Without its row the object would be loaded once more, and without its object the row would look lost.
  if (isRemoved) await world.pipeline.removeRawObject(target.rawBucket, object);
  await measure('dashboard', () => askDashboard(world, target));
  return steps;
}

interface Outcome<T> {
  readonly result: string;
  readonly isUnknown?: boolean;
  readonly value: T;
}

async function sendEvent(
  world: SmokeWorld,
  { ingestUrl }: SmokeTarget,
  eventId: string,
  now: Date,
): Promise<Outcome<null>> {
  const body = JSON.stringify({
    eventId,
    eventName: 'page_view',
    pageUrl: 'https://sbw.invalid/smoke-test',
    clientId: eventId,
    sessionId: eventId,
    event_timestamp: now.toISOString(),
  });
  const answer = await retry(world, async () => {
    const { status, text } = await world.pipeline.send(ingestUrl, body);
    return status === 200
      ? { value: null }
      : { problem: `${status === 0 ? 'no answer' : `HTTP ${status}`}: ${text}` };
  });
  if ('value' in answer) return { result: '200', value: null };
  throw stuck(
    `The ingest door does not take an event (${answer.problem}).`,
    `curl -i -X POST ${ingestUrl} -d '{}'`,
  );
}

async function findObject(
  world: SmokeWorld,
  { rawBucket }: SmokeTarget,
  eventId: string,
  since: Date,
): Promise<Outcome<RawObject>> {
  // The hour of receipt, which may have begun just before.
  const hours = [...new Set([since.getTime(), since.getTime() + PATIENCE_MS].map(prefixOf))];
  const answer = await retry(world, async () => {
    for (const prefix of hours) {
      const found = await world.pipeline.findRawObject({ bucket: rawBucket, prefix }, since, eventId);
      if (found !== null) return { value: found };
    }
    return { problem: 'it is not there' };
  });
  if ('value' in answer) return { result: '', value: answer.value };
  throw stuck(
    `The ingest door said 200, and s3://${rawBucket} does not have the event.`,
    'sbw deploy --only ingest   and look at the logs of clickstream-lambda-ingest',
  );
}

/** `events/2026/11/23/05/` */
function prefixOf(ms: number): string {
  return `events/${new Date(ms).toISOString().slice(0, 13).replace('T', '/').replaceAll('-', '/')}/`;
}

async function load(
  world: SmokeWorld,
  { etlFunction }: SmokeTarget,
  { key }: RawObject,
): Promise<Outcome<null>> {
  const hour = /^events\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\//.exec(key)?.slice(1) ?? [];
  const target = new Date(`${hour.slice(0, 3).join('-')}T${hour[3]}:00:00Z`);
  const payload = { targetUtcHour: new Date(Math.floor(target.getTime() / HOUR_MS) * HOUR_MS).toISOString() };
  const answer = await retry(world, async () => {
    const { payload: said, error } = await world.pipeline.invoke(etlFunction, payload);
    return error === null ? { value: said } : { problem: `${error}: ${messageOf(said)}` };
  });
  if ('value' in answer) return { result: describeLoad(answer.value), value: null };
  throw stuck(`The ETL cannot load the event (${answer.problem}).`, `look at the logs of ${etlFunction}`);
}

function messageOf(said: unknown): string {
  const text = (said as { errorMessage?: unknown } | null)?.errorMessage;
  return (typeof text === 'string' ? text : (JSON.stringify(said) ?? '')).slice(0, 500);
}

function describeLoad(said: unknown): string {
  const loaded = (said as { events?: { loaded?: unknown } } | null)?.events?.loaded;
  return typeof loaded === 'number' ? `${loaded} ${loaded === 1 ? 'row' : 'rows'}` : 'done';
}

/** Runs on the server itself: nothing outside it may write there but the ETL. */
async function removeRow(
  { servers }: SmokeWorld,
  { instanceId }: SmokeTarget,
  eventId: string,
): Promise<Outcome<boolean>> {
  const ask = (sql: string): ReturnType<Servers['run']> => {
    const line = `runuser -u postgres -- psql -X -q -At -d clickstream_dw -c "${sql}"`;
    return servers.run(instanceId, [line], COMMAND_SECONDS);
  };
  const row = `FROM public.clickstream_events WHERE event_id = '${eventId}'`;
  const answer = await ask(`SELECT event_id ${row}`);
  if (answer === null) {
    return {
      result: `not told: the agent of ${instanceId} does not answer; ${eventId} stays`,
      isUnknown: true,
      value: false,
    };
  }
  if (answer.exitCode === 0 && !answer.stdout.includes(eventId)) {
    throw stuck(
      'The ETL said that it loaded the event, and the warehouse does not have it.',
      'sbw etl verify --last 2h',
    );
  }
  // By itself: sent again after a lost answer, it finds nothing to delete, which is no sign of a lost row.
  const removal = answer.exitCode === 0 ? await ask(`DELETE ${row}`) : answer;
  if (removal?.exitCode === 0) return { result: '', value: true };
  const said =
    removal === null
      ? 'the agent does not answer any more'
      : removal.stderr.trim().slice(0, 300) || `exit ${removal.exitCode}`;
  return { result: `not told: ${said}; ${eventId} stays`, isUnknown: true, value: false };
}

async function askDashboard({ servers }: SmokeWorld, { instanceId }: SmokeTarget): Promise<Outcome<null>> {
  const program =
    'import urllib.request as u; print(u.urlopen("http://127.0.0.1:3838/sbw_dashboard/health", timeout=20).status)';
  const answer = await servers.run(instanceId, [`python3 -c '${program}'`], COMMAND_SECONDS);
  const status = answer?.stdout.trim() ?? '';
  if (answer?.exitCode === 0 && status !== '') return { result: status, value: null };
  return { result: 'does not answer (yet)', isUnknown: true, value: null };
}

type Attempt<T> = { readonly value: T } | { readonly problem: string };

async function retry<T>(
  { clock, leave }: SmokeWorld,
  attempt: () => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  const until = clock.now().getTime() + PATIENCE_MS;
  for (;;) {
    const answer = await attempt();
    if ('value' in answer || clock.now().getTime() > until) return answer;
    if (leave.aborted) throw new SbwError('DEPLOY_STOPPED', 'The test was stopped.', { kind: 'cancelled' });
    await pause(clock, jitter(RETRY_MS), leave);
  }
}

function stuck(message: string, look: string): SbwError {
  return new SbwError('SMOKE_TEST_FAILED', message, {
    fix: `${look}   then run sbw deploy again: the schedule stays off until the test passes`,
  });
}
