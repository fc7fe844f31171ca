import type { Source } from '../channel/channel.ts';

/** How a stream came to its end, seen from here. */
export type StreamEnd =
  /** The target closed it, or the agent did: the protocol has no words for the difference. */
  | 'closed'
  /** The agent could not connect to the target. */
  | 'refused'
  /** The session is gone. */
  | 'lost';

/** One connection to the target, inside a session. */
export interface RemoteStream {
  /** Bytes accepted by `write` and not yet sent. */
  readonly queuedBytes: number;
  write(chunk: Buffer): void;
  /**
   * Closes both directions as soon as what is queued has gone: the protocol cannot half-close. What still comes is
   * delivered until the agent agrees.
   */
  end(): void;
  /** As `end`, and nothing more is wanted from the stream: no handler is called again. */
  leave(): void;
  /** Closes both directions; what is queued is dropped. */
  destroy(): void;
}

export interface StreamHandlers {
  data(chunk: Buffer): void;
  /** The queue is short again. */
  drained(): void;
  /** Once; nothing comes after it. Not called for a stream that was left or destroyed from here. */
  ended(how: StreamEnd): void;
}

/** What turns streams into payloads and back: frames for many streams, or one stream bare. */
export interface Carrier extends Source {
  /** Streams that are open. */
  readonly streams: number;
  /** Whether `open` would succeed now. */
  readonly hasRoom: boolean;
  /** Null when it takes no further stream (now). */
  open(handlers: StreamHandlers): RemoteStream | null;
  /** Bytes from the agent, in order. */
  receive(payload: Buffer): void;
  /** The agent says that it could not connect to the target; it does not say for which stream. */
  refused(): void;
  /** Says that we are here, to agents that ask for it. */
  keepAlive(): void;
  /** Ends every stream as lost. */
  abandon(): void;
}

export interface CarrierEvents {
  /** There is something to take. */
  wake(): void;
  /** What the agent sends makes no sense (any more): the session cannot go on. */
  broken(reason: string): void;
  /** A stream has ended, so `hasRoom` may have changed. */
  freed(): void;
}

/** A stream asks its program to wait above this, and to go on below half of it. */
export const QUEUE_BYTES = 256 * 1024;
