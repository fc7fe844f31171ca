import { SbwError } from '../errors.ts';
import { checkAttempt, reachedAgent } from './diagnosis/attempt.ts';
import { diagnosePath, findBroken } from './diagnosis/diagnose.ts';
import type { Check } from './diagnosis/diagnose.ts';
import type { Emit } from './events.ts';
import { targetNameOf } from './plan.ts';
import type { TunnelPlan } from './plan.ts';
import type { TunnelWorld } from './world.ts';

/** Of these the path tells more than the error. */
const DIAGNOSED: ReadonlySet<string> = new Set([
  'AWS_ACCESS_DENIED',
  'TUNNEL_AGENT_ROLE',
  'TUNNEL_AGENT_TOO_OLD',
  'TUNNEL_DOCUMENT_INVALID',
  'TUNNEL_HANDSHAKE_TIMEOUT',
  'TUNNEL_NOT_CONNECTED',
  'TUNNEL_REMOTE_HOST_UNSUPPORTED',
  'TUNNEL_TARGET_REFUSED',
  'TUNNEL_UPGRADE_REFUSED',
]);

/** Why a tunnel cannot be opened: walks the path and names the first broken link, or whose the port is. */
export async function explain(
  world: TunnelWorld,
  plan: TunnelPlan,
  error: unknown,
  emit: Emit,
): Promise<unknown> {
  if (!(error instanceof SbwError)) return error;
  if (error.code === 'PORT_TAKEN') return nameOwner(world, plan, error);
  if (!DIAGNOSED.has(error.code)) return error;
  const attempted = checkAttempt(error, targetNameOf(plan));
  const checks = reachedAgent(error) ? attempted : [...(await walk(world, plan)), ...attempted];
  emit({ type: 'diagnosed', checks });
  const broken = findBroken(checks);
  // What the error itself tells it tells in its own words.
  if (broken !== null && attempted.includes(broken)) return error;
  const { id, accountId } = plan.instance;
  const where = `${id} in ${world.region}${accountId === '' ? '' : `, account ${accountId}`}`;
  const fix =
    broken?.fix ??
    error.fix ??
    'all that can be seen from here is right: see that region and account are the ones you mean, and restart the SSM agent of the instance';
  const why = broken === null ? '' : ` ${broken.what}: ${broken.detail}.`;
  return new SbwError(error.code, `${error.message} (${where})${why}`, {
    kind: error.kind,
    fix: fix.replaceAll('<id>', id),
    cause: error.cause,
  });
}

async function walk({ inspector }: TunnelWorld, { instance, forwarding }: TunnelPlan): Promise<Check[]> {
  return diagnosePath(await inspector.inspect(instance.id), forwarding.remoteHost !== undefined);
}

async function nameOwner(
  { programs }: TunnelWorld,
  { local }: TunnelPlan,
  error: SbwError,
): Promise<SbwError> {
  const owner = await programs.portOwner(local.port);
  if (owner === null) return error;
  return new SbwError(error.code, `${owner} listens on ${local.host}:${local.port}.`, {
    kind: error.kind,
    fix: error.fix,
    cause: error.cause,
  });
}
