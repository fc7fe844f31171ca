/** COPY's text format: a row a line, fields parted by tabs, \N for NULL. */

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One row, with its line feed. */
export function copyLine(values: readonly (string | null)[]): string {
  // Joined, the line is one flat string; put together with +, it would be a tree of a hundred small ones, and a
  // chunk of such trees is what the garbage collector would spend its time on.
  return `${values.map(copyField).join('\t')}\n`;
}

/** One field, escaped. */
export function copyField(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (special) => ESCAPES[special]!) : value;
}

/** Large enough that a write costs little, small enough to keep memory flat: the driver copies what it is given. */
const BUFFER_BYTES = 512 * 1024;

/** Lines as a few large buffers. */
export function* copyBuffers(lines: Iterable<string>): Iterable<Buffer> {
  let parts: string[] = [];
  let characters = 0;
  for (const line of lines) {
    parts.push(line);
    characters += line.length;
    if (characters < BUFFER_BYTES) continue;
    yield Buffer.from(parts.join(''), 'utf8');
    parts = [];
    characters = 0;
  }
  if (parts.length > 0) yield Buffer.from(parts.join(''), 'utf8');
}

/** The same bytes in pieces that are good to send. */
export function* slicesOf(buffers: Iterable<Buffer>): Iterable<Buffer> {
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length; at += BUFFER_BYTES) yield buffer.subarray(at, at + BUFFER_BYTES);
  }
}
