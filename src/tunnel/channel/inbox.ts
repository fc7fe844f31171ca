import type { Message } from '../wire/message.ts';

/** What is out of order waits here. An agent keeps 100,000 messages of its own. */
const MAX_MESSAGES = 20_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** What arrives, put in order: each sequence number once, from 0 on. */
export class Inbox {
  #expected = 0;
  #bytes = 0;
  readonly #early = new Map<number, Message>();

  /** Messages that came before their turn. */
  get waiting(): number {
    return this.#early.size;
  }

  /**
   * @returns whether to acknowledge. What comes twice is acknowledged twice, or a lost acknowledgement would have it
   * sent for ever; what there is no room for is neither kept nor acknowledged.
   */
  accept(message: Message): boolean {
    const { sequence, payload } = message;
    if (sequence < this.#expected || this.#early.has(sequence)) return true;
    if (sequence > this.#expected) {
      const hasRoom = this.#early.size < MAX_MESSAGES && this.#bytes + payload.length <= MAX_BYTES;
      if (!hasRoom) return false;
    }
    this.#early.set(sequence, message);
    this.#bytes += payload.length;
    return true;
  }

  /** The next in order, null when it has not come yet. */
  take(): Message | null {
    const message = this.#early.get(this.#expected);
    if (message === undefined) return null;
    this.#early.delete(this.#expected);
    this.#bytes -= message.payload.length;
    this.#expected += 1;
    return message;
  }
}
