import { SbwError } from '../../errors.ts';
import type { Clock } from '../../etl/ports.ts';
import type { WatchedEvent } from './watch.ts';

const RETRY_MS = 1000;

/**
 * The events that come through the door, as they come, until `stop`. When the service restarts the connection is
 * made again; events in between are not shown (the raw store has them).
 * @throws SbwError INGEST_UNREACHABLE when there is nothing to connect to at first
 */
export async function* tailEvents(
  ingestUrl: string,
  deps: { readonly clock: Clock; readonly stop: AbortSignal; onGap(): void },
): AsyncIterable<WatchedEvent> {
  for (let isFirst = true; !deps.stop.aborted; isFirst = false) {
    try {
      yield* linesOf(await fetch(`${ingestUrl}/sbw/tail`, { signal: deps.stop }));
    } catch (error) {
      if (deps.stop.aborted) return;
      if (isFirst) {
        throw new SbwError('INGEST_UNREACHABLE', `The ingest at ${ingestUrl} does not answer.`, {
          kind: 'environment',
          fix: 'sbw local status',
          cause: error,
        });
      }
    }
    if (deps.stop.aborted) return;
    deps.onGap();
    await deps.clock.sleep(RETRY_MS);
  }
}

async function* linesOf(response: Response): AsyncIterable<WatchedEvent> {
  if (response.body === null) return;
  let pending = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = `${pending}${text}`.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as WatchedEvent | { skipped: number };
      if ('verdict' in event) yield event;
    }
  }
}
