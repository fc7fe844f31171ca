import { SbwError } from '../../../errors.ts';
import type { Clock } from '../ports.ts';

/** How long one task may go on, and how it waits. */
export interface Patience {
  /** What has passed since the task began. */
  elapsedMs(): number;
  /**
   * Waits until the next look.
   *
   * @throws SbwError TEARDOWN_STEP_TIMEOUT (timeout), TEARDOWN_STOPPED (cancelled)
   */
  wait(ms: number): Promise<void>;
  /** @throws SbwError as `wait` does; for loops that have work to do instead of waiting */
  goOn(): void;
}

/** @param what for the sentence: `stack sbw-dev-network` */
export function startPatience(
  clock: Clock,
  stop: AbortSignal,
  { what, minutes }: { readonly what: string; readonly minutes: number },
): Patience {
  const startedAt = clock.now().getTime();
  const elapsedMs = (): number => clock.now().getTime() - startedAt;
  const goOn = (): void => {
    if (stop.aborted) {
      throw new SbwError('TEARDOWN_STOPPED', `Stopped before ${what} was done.`, { kind: 'cancelled' });
    }
    if (elapsedMs() <= minutes * 60_000) return;
    throw new SbwError('TEARDOWN_STEP_TIMEOUT', `${what} is not done after ${minutes} minutes.`, {
      kind: 'timeout',
      fix: 'run the same command again: it goes on from here',
    });
  };
  return {
    elapsedMs,
    goOn,
    wait: async (ms) => {
      goOn();
      await clock.sleep(ms, stop);
      goOn();
    },
  };
}
