import { EVENT_ID, EVENT_NAME, EVENT_TIMESTAMP, describe, transform } from '../contract/transform.ts';
import { KNOWN_EVENT_NAMES } from '../contract/fields.ts';
import type { Decoded, EventSource } from '../event.ts';
import type { Quarantined } from '../store/quarantine.ts';
import { stageLine } from '../store/stage.ts';
import type { PartitionStart } from '../time/partition.ts';
import { stringifyExactly } from '../contract/exact-json.ts';
import { Arena, type Piece } from './arena.ts';

/**
 * Rows sent to PostgreSQL at once. Measured best from 5,000 up; the limits keep memory flat, also when events are
 * large.
 */
const MAX_ROWS = 5000;
/** What is worth a write when the connection would otherwise wait; fewer rows cost PostgreSQL much more each. */
const WORTH_ROWS = 2500;
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** An event that became a row, waiting to be staged. */
export interface Waiting {
  readonly eventId: string;
  readonly eventTimestamp: string;
  readonly source: EventSource;
  readonly modifiedAtMs: number;
  /** The raw event, in `texts`. Its parsed form is let go. */
  readonly text: Piece;
  /** A line of COPY, in `lines`. */
  readonly line: Piece;
}

/** Events of one partition between decoding and the warehouse. Each id stands among `first` at most once. */
export class Chunk {
  readonly first = new Map<string, Waiting>();
  /** Further events with an id of `first`, received later: duplicates or conflicts, never rows. */
  readonly later: Waiting[] = [];
  readonly rejected: Quarantined[] = [];
  readonly texts = new Arena();
  readonly lines = new Arena();
  readonly unknownNames = new Map<string, number>();
  filtered = 0;
  #characters = 0;
  #events = 0;

  readonly #partition: PartitionStart;

  constructor(partition: PartitionStart) {
    this.#partition = partition;
  }

  get isEmpty(): boolean {
    return this.#events === 0;
  }

  get isFull(): boolean {
    return this.#events >= MAX_ROWS || this.#characters >= MAX_CHARACTERS;
  }

  /** Enough to keep an idle writer busy. */
  get isWorthWriting(): boolean {
    return this.#events >= WORTH_ROWS;
  }

  add(decoded: Decoded, source: EventSource, modifiedAtMs: number): void {
    this.#events += 1;
    const text = textOf(decoded);
    const transformed = transform(decoded, source, modifiedAtMs);
    if (transformed.kind === 'filtered') this.filtered += 1;
    else if (transformed.kind === 'rejected') {
      this.#characters += text.length;
      const eventId = decoded.kind === 'event' ? clientIdOf(decoded.event) : null;
      const { rejection } = transformed;
      this.rejected.push({ source, rejection, eventId, partition: this.#partition, modifiedAtMs, text });
    } else {
      const { row } = transformed;
      const name = row[EVENT_NAME]!;
      if (!KNOWN_EVENT_NAMES.has(name)) this.unknownNames.set(name, (this.unknownNames.get(name) ?? 0) + 1);
      const line = stageLine({ row, source });
      // The text may be far longer than the row: members of _ingest do not enter it.
      this.#characters += Math.max(line.length, text.length);
      this.#place({
        eventId: row[EVENT_ID]!,
        eventTimestamp: row[EVENT_TIMESTAMP]!,
        source,
        modifiedAtMs,
        text: this.texts.add(text),
        line: this.lines.add(line),
      });
    }
  }

  /** Ready for other events; the buffers stay. */
  clear(): void {
    this.first.clear();
    this.later.length = 0;
    this.rejected.length = 0;
    this.unknownNames.clear();
    this.texts.clear();
    this.lines.clear();
    this.filtered = 0;
    this.#characters = 0;
    this.#events = 0;
  }

  /** What to COPY for `first`. */
  firstLines(): Buffer[] {
    return this.later.length === 0 ? [this.lines.all] : this.#linesOf(this.first.values());
  }

  laterLines(): Buffer[] {
    return this.#linesOf(this.later);
  }

  #linesOf(waiting: Iterable<Waiting>): Buffer[] {
    return [Buffer.concat(Array.from(waiting, ({ line }) => this.lines.bytesOf(line)))];
  }

  #place(waiting: Waiting): void {
    const present = this.first.get(waiting.eventId);
    if (present === undefined) this.first.set(waiting.eventId, waiting);
    else if (isEarlier(waiting, present)) {
      this.first.set(waiting.eventId, waiting);
      this.later.push(present);
    } else this.later.push(waiting);
  }
}

/** The order of receipt; the same as rankOf in store/stage.ts. */
function isEarlier(a: Waiting, b: Waiting): boolean {
  // Without the Z, a time in milliseconds sorts before the same one with microseconds.
  const [at, bt] = [a.eventTimestamp.slice(0, -1), b.eventTimestamp.slice(0, -1)];
  if (at !== bt) return at < bt;
  if (a.source.key !== b.source.key) return a.source.key < b.source.key;
  return a.source.index < b.source.index;
}

/** Writing JSON recurses; nesting a hundred thousand deep would overflow the stack. The raw object has it all. */
const MAX_TEXT_DEPTH = 1000;

/** The event as JSON text: as it stands in the object, or made again for a member of an array. */
export function textOf(decoded: Decoded): string {
  if (decoded.kind === 'rejected') return decoded.text;
  if (decoded.text !== null) return decoded.text;
  return stringifyExactly(decoded.event, MAX_TEXT_DEPTH) ?? describe(decoded.event);
}

function clientIdOf(event: Record<string, unknown>): string | null {
  const id = event['eventId'] ?? event['event_id'];
  return typeof id === 'string' && id !== ''
    ? id.slice(0, 128).toWellFormed().replaceAll('\0', '\ufffd')
    : null;
}
