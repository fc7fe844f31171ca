/** Bytes in order, taken in other pieces than they came. */
export class ByteQueue {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** Chunks before this one are gone; they are removed many at a time. */
  #first = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#first = 0;
    this.#length = 0;
  }

  /** Moves up to `parts` as many bytes as there are, at most `bytes`; returns how many. */
  moveTo(parts: Buffer[], bytes: number): number {
    let left = Math.min(bytes, this.#length);
    const moved = left;
    while (left > 0) {
      const chunk = this.#chunks[this.#first]!;
      const part = chunk.length <= left ? chunk : chunk.subarray(0, left);
      if (part === chunk) this.#first += 1;
      else this.#chunks[this.#first] = chunk.subarray(left);
      parts.push(part);
      left -= part.length;
    }
    this.#length -= moved;
    if (this.#first > 64 || this.#length === 0) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
    return moved;
  }
}
