import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { MAX_EVENT_CHARACTERS } from '../contract/fields.ts';
import { SbwError } from '../../errors.ts';
import type { Decoded } from '../event.ts';
import type { ObjectBody } from '../ports.ts';
import {
  decodeBytes,
  decodePieces,
  decodeLine,
  decodeMember,
  isJson,
  rejected,
  textOf,
  withoutBom,
} from './decode.ts';
import { ValueScanner } from './scan.ts';

/** Larger gzip content is streamed. Also the guard against a small object that unfolds to gigabytes. */
const UNZIP_WHOLE_BYTES = 8 * 1024 * 1024;

/**
 * The raw events of an object that came whole and is small. Null for any other, which is decodeStream's business.
 * @throws SbwError RAW_OBJECT_GZIP_BROKEN
 */
export function decodeWhole(body: ObjectBody): Decoded[] | null {
  const bytes = wholeOf(body);
  return bytes === null ? null : decodeBytes(bytes);
}

/** The content of an object that came whole and is small, unzipped; null for any other. */
function wholeOf(body: ObjectBody): Uint8Array | null {
  if (!(body instanceof Uint8Array)) return null;
  if (!isGzip(body)) return body;
  try {
    return gunzipSync(body, { maxOutputLength: UNZIP_WHOLE_BYTES });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw gzipError(error);
  }
}

/**
 * The raw events of an object of any size, a few at a time; memory holds one event, not the object. An object that
 * came whole gives what decodeWhole gives.
 * @throws SbwError RAW_OBJECT_GZIP_BROKEN, or what reading throws; events before that were given out
 */
export async function* decodeStream(body: ObjectBody): AsyncIterable<Decoded[]> {
  const whole = wholeOf(body);
  if (whole !== null) {
    yield* decodePieces(whole);
    return;
  }
  const chunks = withHead(body instanceof Uint8Array ? [body] : body)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncIterable<Uint8Array> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  yield* decodeChunks(isGzip(first.value) ? withHead(unzip(all())) : all());
}

/** The same bytes, the first piece of them long enough to tell by it what the object is. */
async function* withHead(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const head: Uint8Array[] = [];
  let missing = HEAD_BYTES;
  for await (const chunk of source) {
    if (missing <= 0) {
      yield chunk;
      continue;
    }
    head.push(chunk);
    missing -= chunk.length;
    if (missing <= 0) yield Buffer.concat(head);
  }
  if (missing > 0 && missing < HEAD_BYTES) yield Buffer.concat(head);
}

async function* unzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false });
  const gunzip = createGunzip();
  // pipe() does not pass errors on: a broken read must not look like the end.
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    throw (error as { code?: string }).code?.startsWith('Z_') === true ? gzipError(error) : error;
  }
}

async function* decodeChunks(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Decoded[]> {
  let cutter: ValueCutter | LineCutter | undefined;
  for await (const chunk of chunks) {
    cutter ??= isByLine(chunk) ? new LineCutter() : new ValueCutter();
    const decoded = cutter.push(chunk);
    if (decoded.length > 0) yield decoded;
  }
  const last = cutter?.end() ?? [];
  if (last.length > 0) yield last;
}

/**
 * Whether the lines of an object are its values. They are not in an array, nor where the first line opens an object
 * and nothing else, as in pretty-printed JSON; but they are when the first line is JSON by itself.
 */
function isByLine(head: Uint8Array): boolean {
  const text = withoutBom(textOf(head)).trimStart();
  if (!/^(?:\[|\{[ \t\r]*\n)/.test(text)) return true;
  const feed = text.indexOf('\n');
  return feed >= 0 && isJson(text.slice(0, feed));
}

/** NDJSON: one event a line. */
class LineCutter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** In a line that is too long to be an event; its start was given out as a rejection. */
  #skipping = false;

  push(chunk: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    let start = 0;
    for (let feed = chunk.indexOf(LINE_FEED); feed >= 0; feed = chunk.indexOf(LINE_FEED, start)) {
      this.#line(chunk.subarray(start, feed), decoded);
      start = feed + 1;
    }
    this.#keep(chunk.subarray(start), decoded);
    return decoded;
  }

  end(): Decoded[] {
    const decoded: Decoded[] = [];
    if (!this.#skipping) decodeLine(Buffer.concat(this.#pending), decoded);
    return decoded;
  }

  #line(tail: Uint8Array, decoded: Decoded[]): void {
    if (this.#skipping) this.#skipping = false;
    else decodeLine(this.#pending.length === 0 ? tail : Buffer.concat([...this.#pending, tail]), decoded);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #keep(tail: Uint8Array, decoded: Decoded[]): void {
    if (tail.length === 0 || this.#skipping) return;
    this.#pending.push(tail);
    this.#pendingBytes += tail.length;
    if (this.#pendingBytes <= MAX_LINE_BYTES) return;
    decoded.push(tooLarge(Buffer.concat(this.#pending).toString('utf8')));
    this.#skipping = true;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** Members of an array, or values that stand one behind the other over many lines: one event each. */
class ValueCutter {
  readonly #scanner = new ValueScanner();
  #isFirst = true;

  push(chunk: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    const bytes = this.#isFirst && hasBom(chunk) ? chunk.subarray(3) : chunk;
    this.#isFirst = false;
    for (const value of this.#scanner.push(latin1Of(bytes))) this.#decode(value, decoded);
    if (this.#scanner.pendingLength > MAX_LINE_BYTES) {
      throw new SbwError(
        'RAW_OBJECT_EVENT_TOO_LARGE',
        'A member of the array is larger than any event may be.',
      );
    }
    return decoded;
  }

  end(): Decoded[] {
    const decoded: Decoded[] = [];
    this.#decode(this.#scanner.rest(), decoded);
    return decoded;
  }

  /** A character of the scanner's text is a byte: brackets and quotes are ASCII, and nothing is decoded by halves. */
  #decode(value: string, into: Decoded[]): void {
    decodeMember(Buffer.from(value, 'latin1'), into);
  }
}

function tooLarge(text: string): Decoded {
  const start = text.slice(0, KEPT_CHARACTERS).replaceAll('\0', '\ufffd').toWellFormed();
  return rejected('event_too_large', `at most ${MAX_EVENT_CHARACTERS} characters`, 'a longer line', start);
}

const LINE_FEED = 0x0a;
/** UTF-8 takes up to four bytes a character; past this, no line can be an event. */
const MAX_LINE_BYTES = 4 * MAX_EVENT_CHARACTERS;
/** Of an event that is too large, this much is kept in quarantine; the raw object has the rest. */
const KEPT_CHARACTERS = 64 * 1024;
const HEAD_BYTES = 64 * 1024;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function hasBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function gzipError(cause: unknown): SbwError {
  return new SbwError('RAW_OBJECT_GZIP_BROKEN', 'The gzip content is broken or cut off.', { cause });
}
