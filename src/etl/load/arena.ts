/** A place in an arena. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Doubling would leave half of it empty, and there are several at once. */
const STEP_BYTES = 512 * 1024;

/**
 * Texts that wait, as bytes outside the heap. Ten thousand strings that live for a second are what the garbage
 * collector would copy twice; of these it sees one buffer.
 */
export class Arena {
  #bytes = Buffer.allocUnsafe(STEP_BYTES);
  #used = 0;

  add(text: string): Piece {
    const start = this.#used;
    // A UTF-16 unit takes three bytes at most; they are counted only when that might not fit.
    if (this.#bytes.length - start < 3 * text.length) this.#reserve(Buffer.byteLength(text));
    this.#used += this.#bytes.write(text, start, 'utf8');
    return { start, end: this.#used };
  }

  textOf({ start, end }: Piece): string {
    return this.#bytes.toString('utf8', start, end);
  }

  bytesOf({ start, end }: Piece): Buffer {
    return this.#bytes.subarray(start, end);
  }

  /** Everything that was added, in that order. */
  get all(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  clear(): void {
    this.#used = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.ceil(needed / STEP_BYTES) * STEP_BYTES);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}
