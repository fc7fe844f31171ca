import type { WatchedEvent } from '../../local/door/watch.ts';
import { oneLine, paint } from '../paint.ts';

/** One event as a line: time, verdict, name or reason, and where it was stored. */
export function formatWatched(event: WatchedEvent): string {
  const time = event.at.slice(11, 19);
  const name = oneLine(event.event_name ?? '-', 32).padEnd(22);
  if (event.verdict === 'good')
    return `${time}  ${paint.green('good')}  ${name}  ${oneLine(event.event_id ?? '', 64)}`;
  const where = event.source_key === null ? `refused: ${oneLine(event.text, 80)}` : oneLine(event.source_key);
  return `${time}  ${paint.red('bad ')}  ${name}  ${oneLine(event.code ?? '', 32)}  ${where}`;
}
