import type { Decoded } from '../../etl/event.ts';
import type { IngestOutcome } from '../../etl/ingest/handler.ts';
import { decodeValue } from '../../etl/decode/decode.ts';
import { EVENT_ID, EVENT_NAME, transform } from '../../etl/contract/transform.ts';

/** One event as it came through the door, judged by the ETL's own rules. */
export interface WatchedEvent {
  readonly at: string;
  readonly verdict: 'good' | 'bad';
  /** Why it is bad: the reason it will be quarantined for, or the code it was refused with. */
  readonly code: string | null;
  readonly event_name: string | null;
  readonly event_id: string | null;
  /** Null when it was refused and so not stored. */
  readonly source_key: string | null;
  /** Its JSON text, cut. */
  readonly text: string;
}

export interface WatchCounts {
  readonly total: number;
  readonly good: number;
  readonly bad: number;
}

const KEPT = 1000;
const TEXT_CHARACTERS = 2048;

export interface WatchListener {
  onEvent(event: WatchedEvent): void;
  /** The door closes: nothing more will come. */
  onEnd(): void;
}

/** Remembers the last events for tests and people: nothing here is the truth, the raw store is. */
export class Watch {
  #good: WatchedEvent[] = [];
  #bad: WatchedEvent[] = [];
  #counts = { good: 0, bad: 0 };
  readonly #listeners = new Set<WatchListener>();

  /** Never throws: watching must not cost an event. */
  record(outcome: IngestOutcome, now: Date): void {
    if (outcome.kind === 'refused') {
      const { code, message } = outcome;
      const none = { event_name: null, event_id: null, source_key: null };
      this.#add({ at: now.toISOString(), verdict: 'bad', code, ...none, text: message });
      return;
    }
    for (const [index, text] of outcome.events.entries()) {
      const decoded: Decoded[] = [];
      decodeValue(text, decoded);
      for (const event of decoded) {
        this.#add(judge(event, { key: outcome.key, index }, text, outcome.receivedAt));
      }
    }
  }

  counts(): WatchCounts {
    const { good, bad } = this.#counts;
    return { total: good + bad, good, bad };
  }

  good(): readonly WatchedEvent[] {
    return this.#good;
  }

  bad(): readonly WatchedEvent[] {
    return this.#bad;
  }

  reset(): void {
    this.#good = [];
    this.#bad = [];
    this.#counts = { good: 0, bad: 0 };
  }

  /** @returns how to stop listening */
  listen(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    for (const listener of this.#listeners) listener.onEnd();
    this.#listeners.clear();
  }

  #add(event: WatchedEvent): void {
    const kept = event.verdict === 'good' ? this.#good : this.#bad;
    this.#counts[event.verdict] += 1;
    kept.push(event);
    if (kept.length > KEPT) kept.shift();
    for (const listener of this.#listeners) listener.onEvent(event);
  }
}

function judge(
  decoded: Decoded,
  source: { readonly key: string; readonly index: number },
  text: string,
  receivedAt: Date,
): WatchedEvent {
  const transformed = transform(decoded, source, receivedAt.getTime());
  const row = transformed.kind === 'row' ? transformed.row : null;
  const event = decoded.kind === 'event' ? decoded.event : {};
  const textOf = (...names: string[]): string | null => {
    const value = names.map((name) => event[name]).find((candidate) => typeof candidate === 'string');
    return typeof value === 'string' ? value.slice(0, 128) : null;
  };
  return {
    at: receivedAt.toISOString(),
    verdict: transformed.kind === 'rejected' ? 'bad' : 'good',
    code: transformed.kind === 'rejected' ? transformed.rejection.reason : null,
    event_name: row?.[EVENT_NAME] ?? textOf('eventName', 'event_name'),
    event_id: row?.[EVENT_ID] ?? textOf('eventId', 'event_id'),
    source_key: source.key,
    text: text.slice(0, TEXT_CHARACTERS),
  };
}
