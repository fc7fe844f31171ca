import type { Range } from '../../etl/rollups/questions.ts';
import { type DataState, STALE_MINUTES } from '../../etl/rollups/report.ts';
import { formatCount, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

/** Which days and filters, and how old the data is. */
export function formatHead(data: DataState, range: Range, now: Date): string {
  const { from_day, to_day, login, by, value, bots } = range;
  const days = from_day === to_day ? from_day : `${from_day} to ${to_day}`;
  const filters = [
    login === '' ? '' : login.replace('_', ' '),
    by === '' ? '' : `${by} ${oneLine(value, 60)}`,
    bots === 'on' ? 'with bots' : '',
  ].filter((filter) => filter !== '');
  const head = `${paint.bold(days)}  ${data.time_zone}${filters.length === 0 ? '' : `   ${filters.join(', ')}`}`;
  if (data.data_up_to === null) return head;
  const ageMs = now.getTime() - Date.parse(data.data_up_to);
  const age = `data up to ${formatDuration(ageMs)} ago`;
  const behind =
    data.hours_behind > 0 ? `, ${formatCount(data.hours_behind)} loaded hours not counted yet` : '';
  return `${head}\n${ageMs > STALE_MINUTES * 60_000 || behind !== '' ? paint.yellow(age + behind) : paint.dim(age)}`;
}
