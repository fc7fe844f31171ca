import type { PostReport } from '../../local/traffic/post.ts';
import { formatCount } from '../numbers.ts';

/** What the door said to the traffic. */
export function formatPosted({ sent, accepted, refused, requests }: PostReport): string {
  const reasons = Object.entries(refused).map(([code, events]) => `${formatCount(events)} ${code}`);
  const refusals = reasons.length === 0 ? '' : `, refused ${reasons.join(', ')}`;
  return `${formatCount(sent)} events in ${formatCount(requests)} requests: ${formatCount(accepted)} accepted${refusals}`;
}
