import type { ObjectStore } from '../ports.ts';
import { hourPrefix, partitionOf } from '../time/partition.ts';
import { textOfBody } from './body.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { eventsOf } from './members.ts';
import { headerOf, Refusal, type IngestRequest, type IngestResponse } from './request.ts';

/** What became of one request, for whoever watches (`sbw local tail`). */
export type IngestOutcome =
  | {
      readonly kind: 'accepted';
      readonly key: string;
      readonly events: readonly string[];
      readonly receivedAt: Date;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

export interface IngestDeps {
  readonly store: Pick<ObjectStore, 'write'>;
  readonly clock: { now(): Date };
  /** A UUID. */
  newId(): string;
  /** Exact origins, such as `https://shop.example`; or `*`. */
  readonly allowedOrigins: readonly string[];
  observe?(outcome: IngestOutcome): void;
}

const PATH = '/clickstream';
/** The store is rarely away for longer; a tracker with a queue tries again then. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Takes events over HTTP into the raw store. The answer is 200 only when the raw object is durable, so nothing
 * accepted is lost; everything else tells the client whether sending again makes sense. Never throws.
 */
export async function handleIngest(deps: IngestDeps, request: IngestRequest): Promise<IngestResponse> {
  const cors = corsHeaders(request, deps.allowedOrigins);
  const answer = (
    statusCode: number,
    body: unknown,
    headers: Record<string, string> = {},
  ): IngestResponse => ({
    statusCode,
    headers: { 'content-type': 'application/json', ...cors, ...headers },
    body: JSON.stringify(body),
  });
  const requestId = request.requestContext?.requestId ?? deps.newId();
  const refuse = (refusal: Refusal, headers: Record<string, string> = {}): IngestResponse => {
    const { status, code, message, members } = refusal;
    deps.observe?.({ kind: 'refused', status, code, message });
    const events = members.length === 0 ? {} : { events: members };
    return answer(status, { error: { code, message, ...events }, request_id: requestId }, headers);
  };
  try {
    const method = (request.requestContext?.http?.method ?? 'POST').toUpperCase();
    if (!isOurs(request)) return refuse(new Refusal(404, 'not_found', `Events go to ${PATH}.`));
    if (method === 'OPTIONS')
      return { statusCode: 204, headers: { ...cors, ...preflightHeaders() }, body: '' };
    if (method !== 'POST') {
      return refuse(new Refusal(405, 'method_not_allowed', 'Events come by POST.'), {
        allow: 'POST, OPTIONS',
      });
    }
    const events = eventsOf(textOfBody(request));
    const receivedAt = new Date(request.requestContext?.timeEpoch ?? deps.clock.now().getTime());
    const key = keyOf(receivedAt, events.length, deps.newId());
    const stamp = `"_ingest":${JSON.stringify(ingestOf(request, receivedAt, requestId))}`;
    const lines = events.map((event) => `${event.slice(0, -1)},${stamp}}`);
    try {
      await deps.store.write(key, Buffer.from(lines.join('\n')), typeOf(events.length));
    } catch {
      const refusal = new Refusal(
        503,
        'store_unavailable',
        'The events were not stored; send them again later.',
      );
      return refuse(refusal, { 'retry-after': String(RETRY_AFTER_SECONDS) });
    }
    deps.observe?.({ kind: 'accepted', key, events: lines, receivedAt });
    return answer(200, { accepted: events.length, request_id: requestId });
  } catch (error) {
    if (error instanceof Refusal) return refuse(error);
    return refuse(new Refusal(500, 'internal', 'The request could not be handled.'));
  }
}

/** `/clickstream`, also behind a stage: `/prod/clickstream`. */
function isOurs(request: IngestRequest): boolean {
  const path = request.rawPath ?? request.requestContext?.http?.path ?? PATH;
  return path === PATH || path === `/${request.requestContext?.stage ?? ''}${PATH}`;
}

function keyOf(receivedAt: Date, events: number, id: string): string {
  const name = events === 1 ? `event-${id}.json` : `events-${id}.ndjson`;
  return `${hourPrefix(partitionOf(receivedAt.getTime()))}${name}`;
}

function typeOf(events: number): string {
  return events === 1 ? 'application/json' : 'application/x-ndjson';
}

/** What only the receiving side can know. Stored with each event, not part of what the client sent. */
function ingestOf(
  request: IngestRequest,
  receivedAt: Date,
  requestId: string,
): Record<string, string | null> {
  const { http, apiId, stage } = request.requestContext ?? {};
  return {
    receivedAt: receivedAt.toISOString(),
    sourceIp: http?.sourceIp ?? null,
    userAgent: headerOf(request, 'user-agent') ?? http?.userAgent ?? null,
    method: http?.method ?? null,
    path: request.rawPath ?? http?.path ?? null,
    requestId,
    apiId: apiId ?? null,
    stage: stage ?? null,
    traceId: headerOf(request, 'x-amzn-trace-id') ?? null,
  };
}
