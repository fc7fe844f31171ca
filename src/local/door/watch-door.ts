import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Watch, WatchedEvent } from './watch.ts';

/** A reader that is slower than the events loses some, and is told how many. */
const MAX_BEHIND_BYTES = 256 * 1024;

/**
 * What may be asked below /sbw/: `health`, `all` (counts), `good` and `bad` (the last events), `tail` (each event
 * as it comes, NDJSON), and by POST `reset`. A browser test sends its events and then asserts on these.
 */
export function answerWatch(
  watch: Watch,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const json = (body: unknown): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  const route = `${request.method} ${path}`;
  if (route === 'GET /sbw/health') json({ ok: true });
  else if (route === 'GET /sbw/all') json(watch.counts());
  else if (route === 'GET /sbw/good') json(watch.good());
  else if (route === 'GET /sbw/bad') json(watch.bad());
  else if (route === 'GET /sbw/tail') tail(watch, request, response);
  else if (route === 'POST /sbw/reset') {
    watch.reset();
    json(watch.counts());
  } else response.writeHead(404).end();
}

function tail(watch: Watch, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  let skipped = 0;
  const onEvent = (event: WatchedEvent): void => {
    if (response.writableLength > MAX_BEHIND_BYTES) {
      skipped += 1;
      return;
    }
    if (skipped > 0) response.write(`${JSON.stringify({ skipped })}\n`);
    skipped = 0;
    response.write(`${JSON.stringify(event)}\n`);
  };
  const stop = watch.listen({ onEvent, onEnd: () => response.end() });
  request.once('close', stop);
  response.once('close', stop);
}
