import type { Cancel, Clock } from '../ports.ts';

const LOOK_MS = 5000;
/** A busy machine is late by less. */
const JUMP_MS = 10_000;

/** Calls `woke` when the wall clock has jumped ahead of our timers: the machine has slept. */
export function watchWake(clock: Clock, woke: () => void): Cancel {
  let expectedMs = 0;
  let cancel: Cancel;
  const look = (): void => {
    const lateMs = clock.wallMs() - expectedMs;
    wait();
    if (lateMs > JUMP_MS) woke();
  };
  const wait = (): void => {
    expectedMs = clock.wallMs() + LOOK_MS;
    cancel = clock.after(LOOK_MS, look);
  };
  wait();
  return () => cancel();
}
