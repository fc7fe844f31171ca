import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { MAX_EVENT_CHARACTERS } from '../contract/fields.ts';
import { SbwError } from '../../errors.ts';
import type { Decoded } from '../event.ts';
import type { ObjectBody } from '../ports.ts';
import { decodeBytes, decodeLine, decodeValue, rejected } from './decode.ts';
import { ValueScanner } from './scan.ts';

/** Larger gzip content is streamed. Also the guard against a small object that unfolds to gigabytes. */
const UNZIP_WHOLE_BYTES = 8 * 1024 * 1024;

/** Whether the object came whole and is small: then decodeWhole does it without waiting. */
export function isWhole(body: ObjectBody): body is Uint8Array {
  return body instanceof Uint8Array && (!isGzip(body) || unzippedSize(body) <= UNZIP_WHOLE_BYTES);
}

/** @throws SbwError RAW_OBJECT_GZIP_BROKEN */
export function decodeWhole(body: Uint8Array): Decoded[] {
  if (!isGzip(body)) return decodeBytes(body);
  try {
    return decodeBytes(gunzipSync(body, { maxOutputLength: 4 * UNZIP_WHOLE_BYTES }));
  } catch (error) {
    throw gzipError(error);
  }
}

/**
 * The raw events of an object of any size, a few at a time; memory holds one event, not the object.
 * @throws SbwError RAW_OBJECT_GZIP_BROKEN, or what reading throws; events before that were given out
 */
export async function* decodeStream(body: ObjectBody): AsyncIterable<Decoded[]> {
  const source = body instanceof Uint8Array ? [body] : body;
  const iterator = chunksOf(source)[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = async function* (): AsyncIterable<Uint8Array> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  yield* decodeChunks(isGzip(first.value) ? unzip(all()) : all());
}

async function* chunksOf(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for await (const chunk of source) if (chunk.length > 0) yield chunk;
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
  let cutter: ArrayCutter | LineCutter | undefined;
  for await (const chunk of chunks) {
    cutter ??= firstCharacter(chunk) === OPEN_BRACKET ? new ArrayCutter() : new LineCutter();
    const decoded = cutter.push(chunk);
    if (decoded.length > 0) yield decoded;
  }
  const last = cutter?.end() ?? [];
  if (last.length > 0) yield last;
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

/** A JSON array: one event a member. */
class ArrayCutter {
  readonly #scanner = new ValueScanner();
  readonly #decoder = new TextDecoder('utf-8');

  push(chunk: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    for (const value of this.#scanner.push(this.#decoder.decode(chunk, { stream: true }))) {
      decodeValue(value, decoded);
    }
    if (this.#scanner.rest().length > MAX_LINE_BYTES) {
      throw new SbwError(
        'RAW_OBJECT_EVENT_TOO_LARGE',
        'A member of the array is larger than any event may be.',
      );
    }
    return decoded;
  }

  end(): Decoded[] {
    const decoded: Decoded[] = [];
    decodeValue(this.#scanner.rest(), decoded);
    return decoded;
  }
}

function tooLarge(text: string): Decoded {
  const start = text.slice(0, KEPT_CHARACTERS).replaceAll('\0', '\ufffd').toWellFormed();
  return rejected('event_too_large', `at most ${MAX_EVENT_CHARACTERS} characters`, 'a longer line', start);
}

const LINE_FEED = 0x0a;
const OPEN_BRACKET = 0x5b;
/** UTF-8 takes up to four bytes a character; past this, no line can be an event. */
const MAX_LINE_BYTES = 4 * MAX_EVENT_CHARACTERS;
/** Of an event that is too large, this much is kept in quarantine; the raw object has the rest. */
const KEPT_CHARACTERS = 64 * 1024;

function firstCharacter(chunk: Uint8Array): number | undefined {
  const isBlank = (byte: number): boolean =>
    byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09 || byte > 0x7f;
  return chunk.find((byte) => !isBlank(byte));
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What the last four bytes claim; a lie is caught by maxOutputLength. */
function unzippedSize(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(bytes.length - 4, true);
}

function gzipError(cause: unknown): SbwError {
  return new SbwError('RAW_OBJECT_GZIP_BROKEN', 'The gzip content is broken or cut off.', { cause });
}
