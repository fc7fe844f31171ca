import { setTimeout } from 'node:timers/promises';
import { SbwError } from '../../errors.ts';
import type { TrafficRequest } from './generate.ts';

/** What was sent and what the door said, in events. */
export interface PostReport {
  requests: number;
  sent: number;
  accepted: number;
  /** Code of the refusal -> events. */
  refused: Record<string, number>;
  /** By fate, as the generator knows it: what the warehouse must show. */
  expected: { rows: number; duplicates: number; quarantined: number; refused: number };
}

export interface PostOptions {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly requestsInFlight: number;
  readonly stop: AbortSignal;
  onProgress(report: Readonly<PostReport>): void;
}

const MAX_ATTEMPTS = 6;

/**
 * Sends the traffic through the real HTTP door. A request that got no answer, or was told to come back, is sent
 * again with the same bytes, as a good tracker does.
 * @throws SbwError INGEST_UNREACHABLE
 */
export async function postTraffic(
  traffic: Iterable<TrafficRequest>,
  options: PostOptions,
): Promise<PostReport> {
  const report: PostReport = {
    requests: 0,
    sent: 0,
    accepted: 0,
    refused: {},
    expected: { rows: 0, duplicates: 0, quarantined: 0, refused: 0 },
  };
  const requests = traffic[Symbol.iterator]();
  // One that gives up ends the others too: nobody waits for them any more.
  const failed = new AbortController();
  const stop = AbortSignal.any([options.stop, failed.signal]);
  const worker = async (): Promise<void> => {
    for (let next = requests.next(); next.done !== true && !stop.aborted; next = requests.next()) {
      await send(next.value, options.url, report, stop);
      options.onProgress(report);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.requestsInFlight }, worker));
  } finally {
    failed.abort();
  }
  return report;
}

const FATES = {
  row: 'rows',
  duplicate: 'duplicates',
  quarantine: 'quarantined',
  refused: 'refused',
} as const;

/** A request that was not answered before `stop` is not in the report, whether or not it arrived. */
async function send(
  request: TrafficRequest,
  url: string,
  report: PostReport,
  stop: AbortSignal,
): Promise<void> {
  const { events, fate } = request;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post(request, url);
    if (!(answer instanceof Error)) {
      report.requests += 1;
      report.sent += events;
      report.expected[FATES[fate]] += events;
      if (answer.code === null) report.accepted += events;
      else report.refused[answer.code] = (report.refused[answer.code] ?? 0) + events;
      return;
    }
    if (stop.aborted) return;
    if (attempt === MAX_ATTEMPTS) {
      throw new SbwError('INGEST_UNREACHABLE', `The ingest at ${url} does not answer.`, {
        kind: 'environment',
        fix: 'sbw local status',
        cause: answer,
      });
    }
    await setTimeout(100 * 2 ** attempt, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** The code of the refusal, null when it was accepted; an error when sending again makes sense. */
async function post(
  { body, receivedAt }: TrafficRequest,
  url: string,
): Promise<{ code: string | null } | Error> {
  const headers = { 'content-type': 'text/plain', 'x-sbw-received-at': receivedAt.toISOString() };
  try {
    const response = await fetch(`${url}/clickstream`, { method: 'POST', headers, body });
    const text = await response.text();
    if (response.status === 503) return new Error('it answered 503');
    return { code: response.ok ? null : codeOf(text, response.status) };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function codeOf(answer: string, status: number): string {
  try {
    return (JSON.parse(answer) as { error: { code: string } }).error.code;
  } catch {
    return `http_${status}`;
  }
}
