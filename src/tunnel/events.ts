import type { SbwError } from '../errors.ts';
import type { Check } from './diagnosis/diagnose.ts';

/** What happens to an open tunnel, for the operator. */
export type TunnelEvent =
  /** The port that was wanted belongs to somebody else; the next one is tried. */
  | { readonly type: 'port_taken'; readonly port: number; readonly owner: string | null }
  /** What is behind the tunnel has answered. */
  | {
      readonly type: 'ready';
      readonly host: string;
      readonly port: number;
      /** To be opened or connected to. */
      readonly url: string;
      /** How long the answer took; null: nothing was asked. */
      readonly answeredMs: number | null;
    }
  /** It cannot be opened; every link of the way, in order. */
  | { readonly type: 'diagnosed'; readonly checks: readonly Check[] }
  /** A session is up: the first, or one that was added or renewed. */
  | {
      readonly type: 'session_opened';
      readonly sessionId: string;
      readonly agentVersion: string;
      /** The agent carries one connection at a time. */
      readonly isBasic: boolean;
    }
  /** The connection of a session is lost; it is being restored. */
  | { readonly type: 'dropped'; readonly sessionId: string; readonly reason: string }
  /** A try to restore it has failed. */
  | { readonly type: 'retrying'; readonly sessionId: string; readonly error: SbwError }
  /** It is back, and nothing was lost. */
  | { readonly type: 'resumed'; readonly sessionId: string; readonly gapMs: number }
  /** A session is over; what was open in it is broken. */
  | {
      readonly type: 'session_ended';
      readonly sessionId: string;
      readonly error: SbwError;
      /** Another one is being opened; otherwise the next connection opens it. */
      readonly isRenewing: boolean;
    }
  /** Session Manager could not be told that a session is over. */
  | { readonly type: 'session_left'; readonly sessionId: string; readonly error: SbwError }
  /** No session could be opened; the next connection tries again. */
  | { readonly type: 'unavailable'; readonly error: SbwError }
  /** The instance could not connect to the target. */
  | { readonly type: 'target_refused'; readonly error: SbwError }
  /** A program did not read what it was sent, and was cut off. */
  | { readonly type: 'slow_reader'; readonly unreadBytes: number }
  /** Programs wait for their turn: the agent carries one connection at a time. */
  | { readonly type: 'queued'; readonly waiting: number }
  /** Large messages do not arrive; the usual size is used. */
  | { readonly type: 'small_messages' }
  /** What the account's administrator tells everybody who connects. */
  | { readonly type: 'message'; readonly text: string };

export type Emit = (event: TunnelEvent) => void;

export interface TunnelSummary {
  readonly durationMs: number;
  readonly connections: number;
  /** To the target. */
  readonly bytesSent: number;
  /** From the target. */
  readonly bytesReceived: number;
}
