import type { AwsFault } from '../wire/fault.ts';

/** One resource's share of an operation. */
export interface Step {
  readonly id: string;
  /** Steps that must be done first; those that are not part of the run count as done. */
  readonly needs: readonly string[];
  /** @returns stops the work, and says so in an event */
  begin(finish: (fault: AwsFault | null) => void): () => void;
}

export interface Run {
  readonly steps: readonly Step[];
  /** Deleting goes on with what is independent of a failure; creating and updating stop at once. */
  readonly goesOn: boolean;
  /** @param failed also those that were stopped because another failed, in the order of the steps */
  readonly onDone: (failed: readonly string[]) => void;
}

/** Runs steps as early as their needs allow. @returns stops everything without calling onDone */
export function runSteps({ steps, goesOn, onDone }: Run): () => void {
  const ids = new Set(steps.map(({ id }) => id));
  const done = new Set<string>();
  const failed = new Set<string>();
  const running = new Map<string, () => void>();
  let isOver = false;

  const stopAll = (): void => {
    isOver = true;
    for (const [id, stop] of [...running]) {
      running.delete(id);
      failed.add(id);
      stop();
    }
  };
  const end = (): void => {
    stopAll();
    onDone(steps.map(({ id }) => id).filter((id) => failed.has(id)));
  };
  const proceed = (): void => {
    if (isOver) return;
    if (failed.size > 0 && !goesOn) return end();
    // In dependency order, so that what ends while it begins frees the ones behind it.
    for (const step of steps) {
      if (isOver || done.has(step.id) || failed.has(step.id) || running.has(step.id)) continue;
      if (step.needs.some((id) => ids.has(id) && !done.has(id))) continue;
      start(step);
    }
    if (!isOver && running.size === 0) end();
  };
  const start = (step: Step): void => {
    let isFinished = false;
    let hasBegun = false;
    const stop = step.begin((fault) => {
      isFinished = true;
      running.delete(step.id);
      if (isOver) return;
      (fault === null ? done : failed).add(step.id);
      // A step without work ends while it begins: the loop that began it goes on by itself.
      if (hasBegun) proceed();
    });
    hasBegun = true;
    if (!isFinished) running.set(step.id, stop);
  };
  proceed();
  return stopAll;
}
