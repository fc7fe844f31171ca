import { SbwError } from '../../errors.ts';
import { stackNameOf, tagsOf } from '../../stacks/stage.ts';
import type { Stage } from '../../stacks/stage.ts';
import type { TunnelPlan } from '../../tunnel/plan.ts';
import { findInstance, getInstance, unknownInstance } from '../../tunnel/target/find-instance.ts';
import type { Directory, Instance } from '../../tunnel/target/find-instance.ts';
import { getNamedTarget } from '../../tunnel/target/named.ts';
import type { NamedTarget, Proof } from '../../tunnel/target/named.ts';

/** What the command line says of the tunnels it wants. */
export interface PlanFlags {
  readonly instance?: string;
  readonly port?: number;
  readonly remotePort?: number;
  readonly remoteHost?: string;
  readonly document?: string;
  readonly parameter: readonly string[];
  readonly bind: string;
  readonly iUnderstand?: boolean;
  readonly proof: boolean;
  readonly sessions: number;
  readonly messageBytes: number;
  readonly keepAlive?: boolean;
}

/** A number, not a name: what a name leads to is nobody's promise. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/** One target before its instance is known. */
interface Wanted {
  readonly name: string;
  readonly named: NamedTarget | null;
  readonly remotePort: number;
  readonly localPort: number;
  readonly proof: Proof;
}

/**
 * One plan per target, in their order. Looks instances up, changes nothing.
 * @throws SbwError TUNNEL_* and BIND_* (usage, refused), AWS_*
 */
export async function planTunnels(
  directory: Directory,
  stage: Stage,
  names: readonly string[],
  flags: PlanFlags,
): Promise<TunnelPlan[]> {
  checkBind(flags);
  const wanted = names.length > 0 ? names.map((name) => wantNamed(name, flags)) : [wantInstance(flags)];
  if (wanted.length > 1 && (flags.port ?? flags.remotePort) !== undefined) {
    throw usage('--port and --remote-port are for a single target.', 'sbw tunnel shiny --port 8080');
  }
  const plans: TunnelPlan[] = [];
  for (const one of wanted) plans.push(planOf(one, await instanceOf(directory, stage, one, flags), flags));
  return plans;
}

function wantNamed(name: string, { remotePort, port }: PlanFlags): Wanted {
  const named = getNamedTarget(name);
  return {
    name,
    named,
    remotePort: remotePort ?? named.port,
    localPort: port ?? named.localPort,
    proof: named.proof,
  };
}

function wantInstance({ instance, port, remotePort }: PlanFlags): Wanted {
  const remote = remotePort ?? port;
  if (instance === undefined || remote === undefined) {
    const fix = 'sbw tunnel shiny   or: sbw tunnel --instance i-0123456789abcdef0 --port 8080';
    throw usage('Nothing says where to: name a target, or an instance and a port.', fix);
  }
  return {
    name: instance,
    named: null,
    remotePort: remote,
    localPort: port ?? remote,
    proof: { kind: 'none' },
  };
}

async function instanceOf(
  directory: Directory,
  stage: Stage,
  { named }: Wanted,
  { instance }: PlanFlags,
): Promise<Instance> {
  if (instance !== undefined || named === null) {
    return getInstance(directory, instance ?? '').catch((error: unknown) => {
      // Whoever may open sessions need not be allowed to look.
      if (error instanceof SbwError && error.code === 'AWS_ACCESS_DENIED') return unknownInstance(instance!);
      throw error;
    });
  }
  return findInstance(directory, {
    stack: stackNameOf(stage, named.layer),
    tags: tagsOf(stage, named.layer),
    name: `${named.instanceName}${stage.suffix}`,
  });
}

function planOf(wanted: Wanted, instance: Instance, flags: PlanFlags): TunnelPlan {
  return {
    name: wanted.name,
    instance,
    forwarding: {
      instanceId: instance.id,
      port: wanted.remotePort,
      remoteHost: flags.remoteHost,
      document: flags.document,
      parameters: flags.document === undefined ? undefined : parametersOf(flags.parameter),
      reason: `sbw tunnel ${wanted.name}`,
    },
    local: { host: flags.bind, port: wanted.localPort, isStrict: flags.port !== undefined },
    proof: wanted.proof,
    isProven: flags.proof,
    sessions: flags.sessions,
    maxPayloadBytes: flags.messageBytes,
    keepAlive: flags.keepAlive === true,
  };
}

/** `name=value`; undefined when there are none. */
function parametersOf(given: readonly string[]): Record<string, string> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw usage(`${JSON.stringify(text)} is no parameter.`, '--parameter portNumber=3838');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function checkBind({ bind, iUnderstand }: PlanFlags): void {
  if (!ADDRESS.test(bind)) throw usage(`${JSON.stringify(bind)} is no address.`, '--bind 127.0.0.1');
  if (/^127\./.test(bind) || bind === '::1' || iUnderstand === true) return;
  throw new SbwError('BIND_EXPOSES', `On ${bind} everybody in the network can use the tunnel as you.`, {
    kind: 'refused',
    fix: `leave --bind out, or: --bind ${bind} --i-understand`,
  });
}

function usage(message: string, fix: string): SbwError {
  return new SbwError('TUNNEL_FLAGS_INVALID', message, { kind: 'usage', fix });
}
