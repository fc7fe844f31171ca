import { applyPlan, type Applying } from './apply/apply.ts';
import type { TaskOutcome } from './apply/event.ts';
import type { TaskResult } from './apply/run-tasks.ts';
import type { TeardownPlan } from './plan/plan.ts';
import { checkResidue, type Expectation } from './residue/check-residue.ts';
import { isClean, type ResidueCheck } from './residue/residue.ts';

/** A teardown from its beginning to its proof. */
export interface TeardownReport {
  readonly plan: TeardownPlan;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly results: readonly TaskResult[];
  /** Null when the operator stopped: then much is there, and nobody expects otherwise. */
  readonly residue: ResidueCheck | null;
}

export interface TearingDown extends Applying {
  /** Runs the deletion while nobody else works on the stage. Default: it just runs it. */
  alone?(work: () => Promise<readonly TaskResult[]>): Promise<readonly TaskResult[]>;
}

/** Runs the plan and then looks, from several sides, whether anything is left. */
export async function tearDown(
  world: TearingDown,
  plan: TeardownPlan,
  expected: Expectation,
): Promise<TeardownReport> {
  const startedAt = world.clock.now();
  const { alone = (work) => work() } = world;
  const results = await alone(() => applyPlan(world, plan));
  let residue: ResidueCheck | null = null;
  if (!world.stop.aborted) {
    world.emit({ type: 'checking' });
    residue = await checkResidue(world.ports, expected);
  }
  return { plan, startedAt, endedAt: world.clock.now(), results, residue };
}

export function countOutcomes(results: readonly TaskResult[]): Readonly<Record<TaskOutcome, number>> {
  const counts = { done: 0, gone: 0, failed: 0, skipped: 0, stopped: 0 };
  for (const { end } of results) counts[end.outcome] += 1;
  return counts;
}

/** Everything was done, and nothing is left. */
export function isComplete({ results, residue }: TeardownReport): boolean {
  const { failed, skipped, stopped } = countOutcomes(results);
  return failed + skipped + stopped === 0 && residue !== null && isClean(residue);
}
