import { SbwError } from '../../../errors.ts';
import type { Parameters } from '../../ports/deploy/parameters.ts';
import { STAGE_TAG, type Stage, parameterPath } from '../../stage.ts';
import type { Clock } from '../ports.ts';

/** Who works on a stage right now. */
export interface LockHolder {
  readonly runId: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly renewedAt: string;
}

export interface LockWorld {
  readonly parameters: Parameters;
  readonly clock: Clock;
  /** Whether the process of a holder still runs; null when nobody here can tell. */
  isAlive(holder: LockHolder): boolean | null;
}

/** Of the real clock. */
const RENEW_MS = 60_000;
/** A holder that has not renewed for so long was killed, or has lost its network. */
const DEAD_AFTER_MS = 5 * 60_000;

/**
 * Runs `work` while no other deploy of the stage runs anywhere. The lock is a parameter, which AWS makes for exactly
 * one of two who try at once; CloudFormation itself keeps two operations off one stack.
 *
 * @throws SbwError DEPLOY_LOCKED (refused) with who has it
 */
export async function withLock<T>(
  world: LockWorld,
  stage: Stage,
  me: Omit<LockHolder, 'startedAt' | 'renewedAt'>,
  work: () => Promise<T>,
): Promise<T> {
  const { parameters, clock } = world;
  const name = lockName(stage);
  const startedAt = clock.now().toISOString();
  const textNow = (): string => JSON.stringify({ ...me, startedAt, renewedAt: clock.now().toISOString() });
  await acquire(world, stage, me.runId, textNow());
  // A lost renewal is made up for by the next; a lock that is gone means that somebody took it from a dead holder.
  const timer = setInterval(() => void parameters.replace(name, textNow()).catch(() => undefined), RENEW_MS);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await release(parameters, name, me.runId);
  }
}

/** Null: nobody. */
export async function readLock(parameters: Parameters, stage: Stage): Promise<LockHolder | null> {
  return parse(await parameters.read(lockName(stage)));
}

/** Whether a holder was killed, or lost its network so long ago that others may take its place. */
export function hasDied({ isAlive, clock }: Omit<LockWorld, 'parameters'>, holder: LockHolder): boolean {
  const alive = isAlive(holder);
  if (alive !== null) return !alive;
  return clock.now().getTime() - Date.parse(holder.renewedAt) > DEAD_AFTER_MS;
}

async function acquire(world: LockWorld, stage: Stage, runId: string, value: string): Promise<void> {
  const { parameters } = world;
  const name = lockName(stage);
  const parameter = {
    ...{ name, value, isSecret: false, description: 'Who deploys this stage right now' },
    tags: { [STAGE_TAG]: stage.name },
  };
  if (await parameters.create(parameter)) return;
  const holder = await readLock(parameters, stage);
  // Made by a first try whose answer got lost.
  if (holder?.runId === runId) return;
  if (holder !== null && !hasDied(world, holder)) throw locked(stage, holder);
  await parameters.remove(name);
  if (await parameters.create(parameter)) return;
  const winner = await readLock(parameters, stage);
  if (winner?.runId !== runId) throw locked(stage, winner);
}

async function release(parameters: Parameters, name: string, runId: string): Promise<void> {
  try {
    if (parse(await parameters.read(name))?.runId === runId) await parameters.remove(name);
  } catch {
    // It is found dead in a few minutes, or at once on this computer.
  }
}

function locked(stage: Stage, holder: LockHolder | null): SbwError {
  const who =
    holder === null
      ? 'somebody'
      : `${holder.user} on ${holder.host} (process ${holder.pid}, since ${holder.startedAt.slice(0, 16).replace('T', ' ')} UTC)`;
  const isTeardown = holder?.runId.startsWith('teardown-') ?? false;
  return new SbwError(
    'DEPLOY_LOCKED',
    `Stage ${stage.name} is being ${isTeardown ? 'torn down' : 'deployed'} by ${who}.`,
    {
      kind: 'refused',
      fix: isTeardown
        ? 'wait for it, or end that process'
        : `watch it: sbw deploy --stage ${stage.name} --attach   take it back: sbw deploy --stage ${stage.name} --cancel`,
    },
  );
}

function lockName(stage: Stage): string {
  return `${parameterPath(stage)}deploy-lock`;
}

function parse(text: string | null): LockHolder | null {
  try {
    return text === null ? null : (JSON.parse(text) as LockHolder);
  } catch {
    return null;
  }
}
