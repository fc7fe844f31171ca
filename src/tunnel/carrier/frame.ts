/** A frame of smux version 1: 8 bytes of header in little endian, then data. https://github.com/xtaci/smux */
export const HEADER_BYTES = 8;
export const MAX_DATA_BYTES = 65_535;
export const COMMAND = { open: 0, close: 1, data: 2, nop: 3 } as const;

const VERSION = 1;

export function encodeHeader(command: number, stream: number, dataBytes = 0): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = VERSION;
  header[1] = command;
  header.writeUInt16LE(dataBytes, 2);
  header.writeUInt32LE(stream, 4);
  return header;
}

export interface FrameVisitor {
  /** Of one data frame this may come in several pieces, never empty. */
  data(stream: number, chunk: Buffer): void;
  closed(stream: number): void;
}

/** Cuts a stream of bytes into frames, wherever the pieces begin and end. */
export class FrameParser {
  readonly #visitor: FrameVisitor;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the current data frame, still to come. */
  #dataBytes = 0;
  #stream = 0;

  constructor(visitor: FrameVisitor) {
    this.#visitor = visitor;
  }

  /** Null, or why these bytes can be no frames; then the parser is of no further use. */
  push(bytes: Buffer): string | null {
    let at = 0;
    while (at < bytes.length) {
      if (this.#dataBytes > 0) {
        const chunk = bytes.subarray(at, at + this.#dataBytes);
        at += chunk.length;
        this.#dataBytes -= chunk.length;
        this.#visitor.data(this.#stream, chunk);
        continue;
      }
      const copied = bytes.copy(this.#header, this.#headerBytes, at);
      at += copied;
      this.#headerBytes += copied;
      if (this.#headerBytes < HEADER_BYTES) return null;
      this.#headerBytes = 0;
      const wrong = this.#begin();
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #begin(): string | null {
    const [version, command] = this.#header;
    const bytes = this.#header.readUInt16LE(2);
    const stream = this.#header.readUInt32LE(4);
    if (version !== VERSION) return `frame of version ${version}`;
    if (command === COMMAND.data) {
      this.#dataBytes = bytes;
      this.#stream = stream;
      return null;
    }
    // Only data has a length: another one would mean that we have lost our place.
    if (command! > COMMAND.nop || bytes !== 0) return `frame with command ${command} and length ${bytes}`;
    // The agent opens no streams: its "open" means nothing, as in the original.
    if (command === COMMAND.close) this.#visitor.closed(stream);
    return null;
  }
}
