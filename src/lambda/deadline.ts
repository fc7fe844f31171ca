/** Before the end of the function's time: begin no further hour. An hour of ordinary size takes seconds. */
const STOP_BEFORE_MS = 120_000;
/** Before the end: roll back what is being loaded. Leaves time to write down how the run went. */
const LEAVE_BEFORE_MS = 20_000;

/** The end of the function's time, announced twice: what signals are to the CLI. */
export interface Deadline {
  readonly stop: AbortSignal;
  readonly now: AbortSignal;
  /** The run is over; nothing is announced any more. */
  cancel(): void;
}

/** @param remainingMs until Lambda ends the function; of a short time a third, and then a tenth, is kept back */
export function startDeadline(remainingMs: number): Deadline {
  const announce = (beforeMs: number): { signal: AbortSignal; timer: NodeJS.Timeout } => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort('deadline'), remainingMs - beforeMs);
    return { signal: controller.signal, timer };
  };
  const stop = announce(Math.min(STOP_BEFORE_MS, remainingMs / 3));
  const leave = announce(Math.min(LEAVE_BEFORE_MS, remainingMs / 10));
  return {
    stop: stop.signal,
    now: leave.signal,
    cancel: () => {
      clearTimeout(stop.timer);
      clearTimeout(leave.timer);
    },
  };
}
