import type { Clock } from '../../tunnel/ports.ts';

/** The machine's clocks. */
export const tunnelClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
