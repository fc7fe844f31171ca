import type { Context } from '../../context.ts';

/** What a signal or the time limit does to a running deploy. */
export interface Interruption {
  /** Nothing new is begun. */
  readonly stop: AbortSignal;
  /** Nobody waits any more. */
  readonly leave: AbortSignal;
  /** Why; null while nothing has happened. */
  reason(): 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'timeout' | null;
  release(): void;
}

export interface InterruptionOptions {
  readonly timeoutMinutes: number;
  /** Asks the operator; true: what runs is to be taken back. Only called on a terminal. */
  ask(): Promise<boolean>;
  /** Has CloudFormation take back what runs; the deploy then waits for the end of that. */
  cancel(): Promise<void>;
  say(text: string): void;
}

/**
 * The first Ctrl-C begins nothing new and asks: stop waiting, or cancel and roll back? Without a terminal it stops
 * waiting. The second leaves at once, as does the time limit. What CloudFormation has begun goes on in any case.
 */
export function watchInterruption(
  { interrupts, terminal }: Pick<Context, 'interrupts' | 'terminal'>,
  { timeoutMinutes, ask, cancel, say }: InterruptionOptions,
): Interruption {
  const [stop, leave] = [new AbortController(), new AbortController()];
  let reason: ReturnType<Interruption['reason']> = null;
  const onSignal = (): void => {
    reason ??= interrupts.stop.reason as 'SIGINT' | 'SIGTERM' | 'SIGHUP';
    stop.abort();
    if (!terminal.isInteractive || reason !== 'SIGINT') return leave.abort();
    void askAndAct();
  };
  const askAndAct = async (): Promise<void> => {
    try {
      if (await ask()) {
        say('Taking back what runs. Ctrl-C again leaves it to itself.');
        return await cancel();
      }
    } catch (error) {
      // Ctrl-C at the question is an answer: leave.
      say((error as Error).message);
    }
    leave.abort();
  };
  const onNow = (): void => {
    stop.abort();
    leave.abort();
  };
  const timer = setTimeout(() => {
    reason ??= 'timeout';
    onNow();
  }, timeoutMinutes * 60_000);
  timer.unref();
  interrupts.stop.addEventListener('abort', onSignal, { once: true });
  interrupts.now.addEventListener('abort', onNow, { once: true });
  if (interrupts.stop.aborted) onSignal();
  return {
    stop: stop.signal,
    leave: leave.signal,
    reason: () => reason,
    release: () => {
      clearTimeout(timer);
      interrupts.stop.removeEventListener('abort', onSignal);
      interrupts.now.removeEventListener('abort', onNow);
    },
  };
}
