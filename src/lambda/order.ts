import { SbwError } from '../errors.ts';
import type { RunOptions } from '../etl/load/run.ts';
import type { Reprocess, Window } from '../etl/plan/plan.ts';
import { instantOfPayload, windowOfPayload } from '../etl/time/payload.ts';
import { parseWindow } from '../etl/time/window.ts';

/** What one invocation asks for. */
export interface Order {
  readonly kind: RunOptions['kind'];
  /** Null: everything new. */
  readonly window: Window | null;
  readonly reprocess: Reprocess;
  /** The instant the run stands for: a schedule event's own time, else now. */
  readonly now: Date;
  /** Kept with the run, for `sbw runs show`. */
  readonly payload: unknown;
  /** Who asked reads the answer and goes on by itself, so an unfinished run is no error. */
  readonly isAnswerRead: boolean;
}

const RANGE_KEYS: readonly string[] = ['from', 'to', 'reprocess'];
const REPROCESS: readonly unknown[] = ['missing', 'failed', 'all'] satisfies Reprocess[];

/**
 * Reads an invocation's event: that of the schedule, a payload of the original Lambda (see windowOfPayload), or
 * `{from, to, reprocess?}` as sbw sends it, with UTC times and `to` not included.
 *
 * @throws SbwError (usage) PAYLOAD_INVALID, WINDOW_INCOMPLETE, WINDOW_EMPTY, TIME_INVALID
 */
export function readOrder(event: unknown, now: Date): Order {
  if (isRange(event)) return { ...readRange(event, now), now, payload: event, isAnswerRead: true };
  const window = windowOfPayload(event, now);
  const instant = instantOfPayload(event, now);
  const isScheduled = typeof event === 'object' && event !== null && 'source' in event;
  return {
    kind: isScheduled ? 'scheduled' : window === null ? 'run' : 'backfill',
    window,
    reprocess: 'missing',
    now: instant,
    payload: isScheduled ? { time: instant.toISOString() } : (event ?? {}),
    isAnswerRead: false,
  };
}

function isRange(event: unknown): event is Readonly<Record<string, unknown>> {
  return typeof event === 'object' && event !== null && ('from' in event || 'to' in event);
}

function readRange(
  event: Readonly<Record<string, unknown>>,
  now: Date,
): Pick<Order, 'kind' | 'window' | 'reprocess'> {
  const { from, to, reprocess = 'missing' } = event;
  const unknownKey = Object.keys(event).find((key) => !RANGE_KEYS.includes(key));
  if (unknownKey !== undefined) throw invalid(`unknown key ${JSON.stringify(unknownKey)} beside from and to`);
  if (!REPROCESS.includes(reprocess)) throw invalid('reprocess can be "missing", "failed" or "all"');
  const { window } = parseWindow({ from: textOf('from', from), to: textOf('to', to) }, now);
  return { kind: 'backfill', window, reprocess: reprocess as Reprocess };
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalid(`${key} must be a UTC time like "2025-12-06T05"`);
}

function invalid(why: string): SbwError {
  return new SbwError('PAYLOAD_INVALID', `Payload: ${why}.`, {
    kind: 'usage',
    fix: 'for example {"from":"2025-12-06T05","to":"2025-12-06T08"}',
  });
}
