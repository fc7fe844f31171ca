import type { Duplex } from 'node:stream';

/** What the tunnel needs from the world. src/adapters/tunnel conforms; tests bring their own clock and faults. */

export interface Clock {
  /** Epoch milliseconds. Jumps when the machine wakes from sleep or its clock is set. */
  wallMs(): number;
  /** Milliseconds that never go back; only differences mean something. */
  nowMs(): number;
  /** Runs once, after so many milliseconds; the result cancels it. */
  after(ms: number, run: () => void): Cancel;
}

export type Cancel = () => void;

/** What SSM hands out to open one data channel. */
export interface Grant {
  readonly sessionId: string;
  /** Opens the channel once, for about a minute. A secret: never in argv, logs or errors. */
  readonly token: string;
  /** To be used as it is. Null when SSM left it out of a resumption. */
  readonly streamUrl: string | null;
}

export interface SessionRequest {
  /** `i-...`, `mi-...` */
  readonly target: string;
  readonly document: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** Shown in the audit trail; up to 256 characters. */
  readonly reason: string;
}

/**
 * Session Manager. Every call resolves the credentials anew, so that a login repairs a running tunnel. `signal` ends the
 * waiting for an answer, not what the call may have done.
 */
export interface SessionApi {
  /** @throws SbwError TUNNEL_NOT_CONNECTED, TUNNEL_DOCUMENT_INVALID, AWS_* */
  start(request: SessionRequest, signal: AbortSignal): Promise<Grant>;
  /** Null when the session has ended for good. @throws SbwError AWS_* */
  resume(sessionId: string, signal: AbortSignal): Promise<Grant | null>;
  /** @throws SbwError AWS_* */
  terminate(sessionId: string, signal: AbortSignal): Promise<void>;
}

export interface SocketHandlers {
  /** A binary frame; the buffer is the receiver's to keep. */
  frame(data: Buffer): void;
  /** What was accepted by `send` has left, or nearly. */
  drained(): void;
  pong(): void;
  /** Exactly once, whoever closed it. */
  closed(reason: string): void;
}

/** One WebSocket, open. */
export interface Socket {
  /** Binary for a Buffer, text for a string. Never throws: a socket that is gone says so by `closed`. */
  send(data: Buffer | string): void;
  /** Accepted by `send`, not yet on the network. */
  readonly bufferedBytes: number;
  ping(): void;
  /** A clean close, code 1000. */
  close(): void;
  /** At once, without a word to the peer. */
  destroy(): void;
}

/**
 * Opens the data channel's WebSocket: checks the host, signs the upgrade, goes through the proxy.
 * @throws SbwError TUNNEL_HOST_REFUSED, TUNNEL_UPGRADE_REFUSED, TUNNEL_UNREACHABLE
 */
export type Dial = (url: string, handlers: SocketHandlers, signal: AbortSignal) => Promise<Socket>;

/** A program's TCP connection to the local port, half-open allowed. */
export type LocalConnection = Duplex & {
  /** Ends it so that the program sees an error, not a clean end. */
  resetAndDestroy?(): unknown;
};

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Accepts nothing from now on; resolves when the port is free. Connections stay. */
  close(): Promise<void>;
}

/** @throws SbwError PORT_TAKEN (refused), PORT_FORBIDDEN (environment) */
export type Listen = (
  address: { readonly host: string; readonly port: number },
  accept: (connection: LocalConnection) => void,
) => Promise<Listener>;
