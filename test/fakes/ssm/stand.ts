/** A tunnel of ours in front of the fake service, over real sockets: what the tests of src/tunnel stand on. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { openSessionApi } from '../../../src/adapters/tunnel/aws/session-api.ts';
import { tunnelClock } from '../../../src/adapters/tunnel/clock.ts';
import { listen } from '../../../src/adapters/tunnel/local/listen.ts';
import { createDial } from '../../../src/adapters/tunnel/network/dial.ts';
import { readNetwork } from '../../../src/adapters/tunnel/network/settings.ts';
import { USUAL_PACE } from '../../../src/tunnel/channel/pace.ts';
import type { TunnelEvent } from '../../../src/tunnel/events.ts';
import { Tunnel } from '../../../src/tunnel/tunnel.ts';
import type { TunnelDeps, TunnelOptions } from '../../../src/tunnel/tunnel.ts';
import { INSTANCE, KEYS, REGION, startFakeSsm } from './fake-ssm.ts';
import type { FakeSsm, FakeSsmOptions } from './fake-ssm.ts';

export interface Stand {
  readonly ssm: FakeSsm;
  readonly tunnel: Tunnel;
  readonly events: TunnelEvent[];
  /** Resolves when an event of that type has been seen, also before the call. */
  seen<T extends TunnelEvent['type']>(type: T, count?: number): Promise<Extract<TunnelEvent, { type: T }>>;
  close(): Promise<void>;
}

export interface StandOptions {
  /** What happens to each connection that reaches the target. Default: an echo. */
  readonly target?: (socket: Socket) => void;
  readonly ssm?: Partial<FakeSsmOptions>;
  readonly tunnel?: Partial<TunnelOptions>;
  readonly deps?: Partial<TunnelDeps> | ((real: Omit<TunnelDeps, 'emit'>) => Partial<TunnelDeps>);
  /** Called with the fake before the tunnel opens. */
  readonly prepare?: (ssm: FakeSsm) => void;
}

export async function standUp(options: StandOptions = {}): Promise<Stand> {
  const target = await serve(options.target ?? ((socket) => socket.pipe(socket)));
  const ssm = await startFakeSsm({ targetPort: target.port, ...options.ssm });
  options.prepare?.(ssm);
  const events: TunnelEvent[] = [];
  const real = depsFor(ssm);
  const changes = typeof options.deps === 'function' ? options.deps(real) : options.deps;
  const close = async (): Promise<void> => {
    await ssm.close();
    await target.close();
  };
  try {
    const tunnel = await Tunnel.open(
      { ...real, emit: (event) => events.push(event), ...changes },
      { ...usualOptions(), ...options.tunnel },
      new AbortController().signal,
    );
    return {
      ssm,
      tunnel,
      events,
      seen: (type, count = 1) => waitFor(events, type, count),
      close: async () => {
        await tunnel.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The real adapters, pointed at the fake. */
export function depsFor(ssm: FakeSsm): Omit<TunnelDeps, 'emit'> {
  const network = readNetwork({});
  const settings = (timeoutMs: number): object => ({
    region: REGION,
    endpoint: ssm.endpointUrl,
    credentials: KEYS,
    requestHandler: { requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  return {
    api: openSessionApi(settings, undefined),
    dial: createDial({ region: REGION, credentials: () => KEYS, network, host: { isLoopbackTrusted: true } }),
    clock: tunnelClock,
    newId: randomUUID,
    random: Math.random,
    listen,
  };
}

export function usualOptions(): TunnelOptions {
  return {
    request: {
      target: INSTANCE,
      document: 'AWS-StartPortForwardingSession',
      parameters: { portNumber: ['3838'], localPortNumber: ['0'] },
      reason: 'sbw tunnel shiny',
    },
    pace: USUAL_PACE,
    maxPayloadBytes: 1024,
    keepAlive: false,
    targetName: `${INSTANCE} port 3838`,
    address: { host: '127.0.0.1', port: 0 },
    sessions: 1,
  };
}

export interface Target {
  readonly port: number;
  /** Ends its connections too. */
  close(): Promise<void>;
}

export async function serve(accept: (socket: Socket) => void): Promise<Target> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const { port, close } = await serve(() => undefined);
  await close();
  return port;
}

async function waitFor<T extends TunnelEvent['type']>(
  events: readonly TunnelEvent[],
  type: T,
  count: number,
): Promise<Extract<TunnelEvent, { type: T }>> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = events.filter((event) => event.type === type).at(count - 1);
    if (found !== undefined) return found as Extract<TunnelEvent, { type: T }>;
    if (performance.now() > deadline) {
      throw new Error(`no ${type} among ${events.map((event) => event.type).join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
