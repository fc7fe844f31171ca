import { SbwError } from '../errors.ts';
import { USUAL_PACE } from './channel/pace.ts';
import { diagnosePath, findBroken } from './diagnosis/diagnose.ts';
import type { Emit } from './events.ts';
import { listenNear } from './listen-near.ts';
import type { Instance } from './target/find-instance.ts';
import type { Proof } from './target/named.ts';
import { requestFor } from './target/request.ts';
import type { Forwarding } from './target/request.ts';
import { Tunnel } from './tunnel.ts';
import type { Address, TunnelWorld } from './world.ts';

/** One tunnel as it is asked for. */
export interface TunnelPlan {
  /** `shiny` */
  readonly name: string;
  readonly instance: Instance;
  readonly forwarding: Forwarding;
  readonly local: Address & {
    /** That port or none. */
    readonly isStrict: boolean;
  };
  readonly proof: Proof;
  readonly sessions: number;
  readonly maxPayloadBytes: number;
  readonly keepAlive: boolean;
}

export interface ProvenTunnel {
  readonly plan: TunnelPlan;
  readonly tunnel: Tunnel;
  readonly url: string;
}

const PROOF_MS = 30_000;
const PAUSE_MS = 500;
/** Of these the path tells more than the error. */
const DIAGNOSED: ReadonlySet<string> = new Set([
  'TUNNEL_NOT_CONNECTED',
  'TUNNEL_HANDSHAKE_TIMEOUT',
  'TUNNEL_AGENT_ROLE',
]);

/**
 * Opens a tunnel and has what is behind it answer before anybody hears that it is ready.
 * @throws SbwError as Tunnel.open; TUNNEL_TARGET_REFUSED, TUNNEL_NO_ANSWER, TUNNEL_NOT_POSTGRES,
 * TUNNEL_APP_FAILING. Nothing is left behind.
 */
export async function openProven(
  world: TunnelWorld,
  plan: TunnelPlan,
  emit: Emit,
  signal: AbortSignal,
): Promise<ProvenTunnel> {
  const failures: SbwError[] = [];
  const tunnel = await openTunnel(
    world,
    plan,
    (event) => {
      // While the proof runs this is its result, and said once.
      if (event.type === 'target_refused' || event.type === 'session_ended') failures.push(event.error);
      emit(event);
    },
    signal,
  );
  try {
    const answeredMs = await prove(world, plan, tunnel, failures, signal);
    const { port } = tunnel;
    const url = urlOf(plan, port);
    emit({ type: 'ready', host: plan.local.host, port, url, answeredMs });
    return { plan, tunnel, url };
  } catch (error) {
    await tunnel.close();
    throw error;
  }
}

/** Where programs of this machine find it. */
export function urlOf({ proof, local }: TunnelPlan, port: number): string {
  const host = reachable(local.host);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (proof.kind === 'http') return `http://${authority}${proof.path}`;
  return proof.kind === 'postgres' ? `postgres://${authority}/${proof.database}` : authority;
}

async function openTunnel(
  world: TunnelWorld,
  plan: TunnelPlan,
  emit: Emit,
  signal: AbortSignal,
): Promise<Tunnel> {
  const { connections, programs } = world;
  const taken = (port: number): void => {
    void programs.portOwner(port).then((owner) => emit({ type: 'port_taken', port, owner }));
  };
  const listen = plan.local.isStrict ? connections.listen : listenNear(connections.listen, taken);
  const { forwarding } = plan;
  try {
    return await Tunnel.open(
      { ...connections, listen, emit },
      {
        request: requestFor(forwarding),
        pace: USUAL_PACE,
        maxPayloadBytes: plan.maxPayloadBytes,
        keepAlive: plan.keepAlive,
        targetName: `${forwarding.remoteHost ?? forwarding.instanceId} port ${forwarding.port}`,
        address: plan.local,
        sessions: plan.sessions,
      },
      signal,
    );
  } catch (error) {
    throw await explain(world, plan, error, emit);
  }
}

/** Walks the path and names the first broken link. */
async function explain(world: TunnelWorld, plan: TunnelPlan, error: unknown, emit: Emit): Promise<unknown> {
  if (!(error instanceof SbwError) || !DIAGNOSED.has(error.code)) return error;
  const checks = diagnosePath(await world.inspector.inspect(plan.instance.id));
  emit({ type: 'diagnosed', checks });
  const broken = findBroken(checks);
  const fix =
    broken?.fix ??
    error.fix ??
    `everything that can be seen from here is right in ${world.region}: restart the SSM agent of ${plan.instance.id}`;
  const why = broken === null ? '' : ` ${broken.what}: ${broken.detail}.`;
  return new SbwError(error.code, `${error.message}${why}`, { kind: error.kind, fix, cause: error });
}

/** @returns how long the answer took, null when there was nothing to ask */
async function prove(
  { probe, connections }: TunnelWorld,
  { proof, local, instance }: TunnelPlan,
  { port }: Tunnel,
  failures: readonly SbwError[],
  signal: AbortSignal,
): Promise<number | null> {
  if (proof.kind === 'none') return null;
  const { clock } = connections;
  const startedAtMs = clock.nowMs();
  const address = { host: reachable(local.host), port };
  for (;;) {
    const askedAtMs = clock.nowMs();
    try {
      const status = proof.kind === 'http' ? await probe.http(address, proof.path, signal) : 200;
      if (proof.kind === 'postgres') await probe.postgres(address, signal);
      if (status >= 500) throw appFailing(status, proof, instance);
      return clock.nowMs() - askedAtMs;
    } catch (error) {
      if (error instanceof SbwError) throw error;
      const [failure] = failures;
      if (failure !== undefined) throw failure;
      if (signal.aborted || clock.nowMs() - startedAtMs > PROOF_MS) throw noAnswer(proof, instance, error);
    }
    await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
  }
}

function appFailing(status: number, proof: Proof, { id }: Instance): SbwError {
  const path = proof.kind === 'http' ? proof.path : '';
  return new SbwError('TUNNEL_APP_FAILING', `The tunnel works, but ${path} answers ${status}.`, {
    fix: `see the log of the service on the instance: aws ssm start-session --target ${id}`,
  });
}

function noAnswer({ kind }: Proof, { id }: Instance, cause: unknown): SbwError {
  const protocol = kind === 'http' ? 'HTTP' : 'PostgreSQL';
  return new SbwError('TUNNEL_NO_ANSWER', `The tunnel works, but nothing behind it speaks ${protocol}.`, {
    kind: 'timeout',
    fix: `see whether the service runs on the instance: aws ssm start-session --target ${id}`,
    cause,
  });
}

/** An address to listen on everywhere is none to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
