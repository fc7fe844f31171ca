import { SbwError } from '../../../src/errors.ts';
import { type ApplyWorld, type DeployReport, applyPlan } from '../../../src/stacks/deploy/apply/apply.ts';
import { requireUsable, settleStacks } from '../../../src/stacks/deploy/apply/settle.ts';
import { findStacks } from '../../../src/stacks/deploy/plan/gather.ts';
import { withLock } from '../../../src/stacks/deploy/record/lock.ts';
import type { Clock } from '../../../src/stacks/deploy/ports.ts';
import type { FakeAws } from '../../fakes/aws/fake-aws.ts';
import type { Stand } from './stand.ts';

const NEVER = new AbortController().signal;

let runs = 0;

/** One deploy as the command does it: settle, look, lock, apply. Whoever had the lock before is dead. */
export async function runDeploy(stand: Stand, request = stand.request()): Promise<DeployReport> {
  const { ports, clock, events } = stand;
  runs += 1;
  const world: ApplyWorld = {
    ...{ ports, clock, stop: NEVER, leave: NEVER, token: `run-${runs}`, newId: () => `id-${runs}` },
    emit: (event) => void events.push(event),
  };
  const stacks = await findStacks(ports, request.stage);
  requireUsable(request.stage, stacks);
  await settleStacks({ ...world, cloudFormation: ports.cloudFormation }, stacks, false);
  requireUsable(request.stage, await findStacks(ports, request.stage));
  const { facts, plan } = await stand.look(request);
  const me = { runId: world.token, user: 'eva', host: 'here', pid: runs };
  const lock = { parameters: ports.parameters, clock: world.clock, isAlive: () => false };
  return withLock(lock, request.stage, me, () => applyPlan(world, request, facts, plan));
}

/** A clock for those who sleep much: the fake's time passes several times as fast as they think. */
export function hurriedClock(aws: FakeAws, factor: number): Clock {
  return {
    now: () => aws.clock.now(),
    sleep: async (ms) => {
      aws.clock.advance((ms / 60_000) * factor);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function isGood({ ends }: DeployReport): boolean {
  return [...ends.values()].every(({ outcome }) => outcome === 'done' || outcome === 'unchanged');
}

/** What went wrong, for the message of an assertion. */
export function explain({ ends }: DeployReport): string {
  return [...ends]
    .map(([task, end]) => `${task} ${end.outcome}${end.outcome === 'failed' ? `: ${end.error.message}` : ''}`)
    .join('\n');
}

/** Null: it was no failure. */
export function errorCodeOf(outcome: DeployReport | Error): string | null {
  return outcome instanceof SbwError ? outcome.code : null;
}
