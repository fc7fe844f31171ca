import type { Clock } from '../ports.ts';

/** Sleeps, or less when the signal aborts. Never throws. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let wake = (): void => undefined;
  const aborted = new Promise<void>((resolve) => (wake = resolve));
  signal.addEventListener('abort', wake, { once: true });
  try {
    await Promise.race([clock.sleep(ms), aborted]);
  } finally {
    signal.removeEventListener('abort', wake);
  }
}

/** Between half and one and a half of it, so that several pollers do not ask in step. */
export function jitter(ms: number, random: () => number = Math.random): number {
  return ms * (0.5 + random());
}
