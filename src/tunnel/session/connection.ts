import type { Clock, Dial, Socket } from '../ports.ts';
import { SbwError } from '../../errors.ts';
import { defer, settledWithin } from './deadline.ts';
import { Heartbeat } from './heartbeat.ts';

/** A gateway that takes the token says nothing; one that refuses it closes. Quiet for so long: it is taken. */
const QUIET_MS = 2000;

export interface ConnectionEvents {
  /** The open message is out: frames may be sent. */
  opened(socket: Socket): void;
  frame(data: Buffer): void;
  drained(): void;
  /** Once, of a connection that `connect` has returned and that nobody has closed from here. */
  down(reason: string): void;
}

/** One WebSocket of a session that lives through several. */
export interface Connection {
  /** The machine has slept: find out soon whether this still lives. */
  woke(): void;
  close(): void;
}

interface Deps {
  readonly clock: Clock;
  readonly dial: Dial;
}

/**
 * Dials, sends the open message, and waits for a sign of life.
 * @throws SbwError as Dial, and TUNNEL_CONNECTION_REFUSED when the gateway closes before any sign of life
 */
export async function connect(
  { clock, dial }: Deps,
  url: string,
  openMessage: string,
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<Connection> {
  const alive = defer<void>();
  let heartbeat: Heartbeat | null = null;
  let isOver = false;
  let isProven = false;
  const down = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    heartbeat?.stop();
    signal.removeEventListener('abort', abandon);
    alive.reject(refusedBy(reason));
    if (isProven) events.down(reason);
  };
  const socket = await dial(
    url,
    {
      frame: (data) => {
        if (isOver) return;
        heartbeat?.heard();
        alive.resolve();
        events.frame(data);
      },
      drained: () => {
        if (!isOver) events.drained();
      },
      pong: () => {
        heartbeat?.pong();
        alive.resolve();
      },
      closed: down,
    },
    signal,
  );
  const close = (): void => {
    isOver = true;
    heartbeat?.stop();
    signal.removeEventListener('abort', abandon);
    socket.close();
  };
  const abandon = (): void => {
    close();
    alive.reject(refusedBy('closed from here'));
  };
  signal.addEventListener('abort', abandon, { once: true });
  if (signal.aborted) {
    abandon();
    throw refusedBy('closed from here');
  }
  socket.send(openMessage);
  heartbeat = new Heartbeat(clock, socket, {
    dead: () => {
      socket.destroy();
      down('no answer to pings');
    },
  });
  const beat = heartbeat;
  events.opened(socket);
  if (await settledWithin(clock, QUIET_MS, alive.promise)) await alive.promise;
  isProven = true;
  return { woke: () => beat.woke(), close };
}

function refusedBy(reason: string): SbwError {
  return new SbwError('TUNNEL_CONNECTION_REFUSED', `The gateway closed the connection at once: ${reason}.`, {
    kind: 'environment',
    fix: 'run the same command again: what opens a connection is good for a minute, once',
  });
}
