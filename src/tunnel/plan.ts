import type { Instance } from './target/find-instance.ts';
import type { Proof } from './target/named.ts';
import type { Forwarding } from './target/request.ts';
import type { Address } from './world.ts';

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
  /** Whether the proof must be had before the tunnel is ready; without, `proof` says only what is there. */
  readonly isProven: boolean;
  readonly sessions: number;
  readonly maxPayloadBytes: number;
  readonly keepAlive: boolean;
}

/** For people: `i-0abc port 3838`. */
export function targetNameOf({ forwarding }: TunnelPlan): string {
  return `${forwarding.remoteHost ?? forwarding.instanceId} port ${forwarding.port}`;
}

/** Where programs of this machine find it. */
export function urlOf({ proof, local }: TunnelPlan, port: number): string {
  const host = reachable(local.host);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (proof.kind === 'http') return `http://${authority}${proof.path}`;
  return proof.kind === 'postgres' ? `postgres://${authority}/${proof.database}` : authority;
}

/** An address to listen on everywhere is none to connect to. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
