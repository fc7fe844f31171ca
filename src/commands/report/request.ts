import { SbwError } from '../../errors.ts';
import type { ReportRequest } from '../../etl/rollups/report.ts';
import type { SourceFlags } from '../options.ts';

export interface ReportFlags extends SourceFlags {
  /** `2025-12-06`: days of the business's time zone, both included. */
  readonly from?: string;
  readonly to?: string;
  readonly days: number;
  readonly login?: 'logged_in' | 'anonymous';
  readonly product?: string;
  readonly category?: string;
  readonly brand?: string;
  readonly bots?: boolean;
  readonly products: number;
  readonly sort: string;
  readonly json?: boolean;
}

/** @throws SbwError FILTERS_CONTRADICT, DAYS_INVALID (usage) */
export function requestOf(flags: ReportFlags): ReportRequest {
  const { from, to, days, products, sort, login = '' } = flags;
  const items = (['product', 'category', 'brand'] as const).filter((name) => flags[name] !== undefined);
  if (items.length > 1) {
    throw new SbwError('FILTERS_CONTRADICT', `--${items.join(' and --')} cannot be combined.`, {
      kind: 'usage',
      fix: 'ask for one at a time',
    });
  }
  const [by] = items;
  const filter = {
    login,
    by: by ?? '',
    value: by === undefined ? '' : flags[by]!,
    bots: flags.bots ? 'on' : 'off',
  } as const;
  if (from === undefined && to === undefined) return { days, products, sort, filter };
  if (from === undefined || to === undefined || !isRange(from, to)) {
    throw new SbwError('DAYS_INVALID', 'The days are not understood.', {
      kind: 'usage',
      fix: 'give both, the earlier first, at most ten years: --from 2025-12-01 --to 2025-12-07',
    });
  }
  return { from, to, days, products, sort, filter };
}

/** The report has a row for every day: a mistyped year must not make a million of them. */
const MAX_MS = 3660 * 86_400_000;

function isRange(from: string, to: string): boolean {
  return isDay(from) && isDay(to) && from <= to && Date.parse(to) - Date.parse(from) < MAX_MS;
}

function isDay(text: string): boolean {
  if (!/^[12]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
