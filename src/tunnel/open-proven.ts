import { SbwError } from '../errors.ts';
import { USUAL_PACE } from './channel/pace.ts';
import { explain } from './explain.ts';
import type { Emit } from './events.ts';
import { listenNear } from './listen-near.ts';
import { reachable, targetNameOf, urlOf } from './plan.ts';
import type { TunnelPlan } from './plan.ts';
import type { Instance } from './target/find-instance.ts';
import type { Proof } from './target/named.ts';
import { requestFor } from './target/request.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelWorld } from './world.ts';

export interface ProvenTunnel {
  readonly plan: TunnelPlan;
  readonly tunnel: Tunnel;
  readonly url: string;
}

const PROOF_MS = 30_000;
const PAUSE_MS = 500;
/** A page that is not there is no dashboard; one that asks who you are is. */
const NOT_FOUND = 404;

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
  let tunnel: Tunnel | null = null;
  let isReady = false;
  try {
    tunnel = await openTunnel(
      world,
      plan,
      (event) => {
        // While the proof runs this is its result, and said once: as the error.
        const isResult = event.type === 'target_refused' || event.type === 'session_ended';
        if (isResult && !isReady) failures.push(event.error);
        else emit(event);
      },
      signal,
    );
    const answeredMs = await prove(world, plan, tunnel, failures, signal);
    isReady = true;
    const { port } = tunnel;
    const url = urlOf(plan, port);
    emit({ type: 'ready', host: plan.local.host, port, url, answeredMs });
    return { plan, tunnel, url };
  } catch (error) {
    await tunnel?.close();
    throw signal.aborted ? error : await explain(world, plan, error, emit);
  }
}

async function openTunnel(
  world: TunnelWorld,
  plan: TunnelPlan,
  emit: Emit,
  signal: AbortSignal,
): Promise<Tunnel> {
  const { connections, programs } = world;
  const taken = async (port: number): Promise<void> =>
    emit({ type: 'port_taken', port, owner: await programs.portOwner(port) });
  const listen = plan.local.isStrict ? connections.listen : listenNear(connections.listen, taken);
  return Tunnel.open(
    { ...connections, listen, emit },
    {
      request: requestFor(plan.forwarding),
      pace: USUAL_PACE,
      maxPayloadBytes: plan.maxPayloadBytes,
      keepAlive: plan.keepAlive,
      targetName: targetNameOf(plan),
      address: plan.local,
      sessions: plan.sessions,
    },
    signal,
  );
}

/** @returns how long the answer took, null when there was nothing to ask */
async function prove(
  { probe, connections }: TunnelWorld,
  { proof, isProven, local, instance }: TunnelPlan,
  { port }: Tunnel,
  failures: readonly SbwError[],
  signal: AbortSignal,
): Promise<number | null> {
  if (proof.kind === 'none' || !isProven) return null;
  const { clock } = connections;
  const startedAtMs = clock.nowMs();
  const address = { host: reachable(local.host), port };
  for (;;) {
    const askedAtMs = clock.nowMs();
    try {
      const status = proof.kind === 'http' ? await probe.http(address, proof.path, signal) : 200;
      if (proof.kind === 'postgres') await probe.postgres(address, signal);
      if (status >= 500 || status === NOT_FOUND) throw appFailing(status, proof, instance);
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
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new SbwError(
    'TUNNEL_NO_ANSWER',
    `The tunnel works, but nothing behind it speaks ${protocol}${why}.`,
    {
      kind: 'timeout',
      fix: `see whether the service runs on the instance: aws ssm start-session --target ${id}`,
      cause,
    },
  );
}
