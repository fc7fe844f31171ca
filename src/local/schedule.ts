import { setTimeout } from 'node:timers/promises';

export interface Schedule {
  /** No further run begins; resolves when the running one has ended. */
  stop(): Promise<void>;
}

export interface ScheduleOptions {
  /** From the end of one run to the beginning of the next. Milliseconds. */
  readonly everyMs: number;
  /** One run of the ETL. */
  runOnce(): Promise<void>;
  /** A run that threw; the next one comes all the same. */
  onFailure(error: unknown): void;
}

/** Runs now and then again and again, one run at a time. */
export function startSchedule({ everyMs, runOnce, onFailure }: ScheduleOptions): Schedule {
  const stop = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await runOnce();
      } catch (error) {
        onFailure(error);
      }
      await setTimeout(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    stop: () => {
      stop.abort();
      return running;
    },
  };
}
