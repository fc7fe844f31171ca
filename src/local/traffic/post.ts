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
  const worker = async (): Promise<void> => {
    for (let next = requests.next(); next.done !== true && !options.stop.aborted; next = requests.next()) {
      await send(next.value, options, report);
      options.onProgress(report);
    }
  };
  await Promise.all(Array.from({ length: options.requestsInFlight }, worker));
  return report;
}

const FATES = {
  row: 'rows',
  duplicate: 'duplicates',
  quarantine: 'quarantined',
  refused: 'refused',
} as const;

async function send(request: TrafficRequest, { url }: PostOptions, report: PostReport): Promise<void> {
  const { body, receivedAt, events, fate } = request;
  const headers = { 'content-type': 'text/plain', 'x-sbw-received-at': receivedAt.toISOString() };
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url}/clickstream`, { method: 'POST', headers, body }).catch(
      (error: unknown) => error,
    );
    if (response instanceof Response && response.status !== 503) {
      const answer = (await response.json()) as { error?: { code: string } };
      report.requests += 1;
      report.sent += events;
      report.expected[FATES[fate]] += events;
      if (response.ok) report.accepted += events;
      else {
        const code = answer.error?.code ?? `http_${response.status}`;
        report.refused[code] = (report.refused[code] ?? 0) + events;
      }
      return;
    }
    if (attempt === MAX_ATTEMPTS) {
      throw new SbwError('INGEST_UNREACHABLE', `The ingest at ${url} does not answer.`, {
        kind: 'environment',
        fix: 'sbw local status',
        cause: response instanceof Response ? undefined : response,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
  }
}
