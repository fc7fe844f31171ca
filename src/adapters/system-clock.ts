import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../etl/ports.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms) => {
    await setTimeout(ms);
  },
};
