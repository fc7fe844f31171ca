import { type CostLine, totalOf } from './cost-line.ts';
import { linesOfEvents } from './event-lines.ts';
import type { CostInput } from './model.ts';

const MILLION = 1_000_000;

/** Sizes of a request that are worth comparing; the ingest takes up to 100 events in one. */
const REQUEST_SIZES = [1, 5, 10, 25, 50, 100] as const;

export interface UnitCost {
  readonly eventsPerRequest: number;
  readonly lines: readonly CostLine[];
  /** US dollars for a million events, without what is paid in any case. */
  readonly total: number;
}

/** What one more million of events costs. */
export function costPerMillion({ eventsPerRequest }: Pick<CostInput, 'eventsPerRequest'>): UnitCost {
  const lines = linesOfEvents(MILLION, eventsPerRequest);
  return { eventsPerRequest, lines, total: totalOf(lines) };
}

/** The same for other sizes of a request: most of the price is paid by the request, not by the event. */
export function compareRequestSizes(): readonly UnitCost[] {
  return REQUEST_SIZES.map((eventsPerRequest) => costPerMillion({ eventsPerRequest }));
}
