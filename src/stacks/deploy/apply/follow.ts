import type { CloudFormation, StackDescription, StackEvent } from '../../ports/cloudformation.ts';
import { ruleOf } from '../../stack-status.ts';
import type { Clock } from '../ports.ts';
import { jitter, pause } from './pause.ts';

export interface FollowWorld {
  readonly cloudFormation: Pick<CloudFormation, 'describeStack' | 'events'>;
  readonly clock: Clock;
  readonly leave: AbortSignal;
}

/** An operation on a stack that has begun. */
export interface Operation {
  readonly stackId: string;
  /** Of the stack before it, by which an old status is told from a new one; null for a stack without a past. */
  readonly before: { readonly status: string; readonly changedAt: string } | null;
  /** ClientRequestToken; null: whatever goes on there since `startedAt`. */
  readonly token: string | null;
  /** Events before it belong to others. */
  readonly startedAt: Date;
}

export interface Followed {
  /** Null: the stack is gone. */
  readonly stack: StackDescription | null;
  /** Nobody waits any more; the operation goes on. */
  readonly isLeft: boolean;
  /** Of this operation, oldest first, each once. */
  readonly events: readonly StackEvent[];
}

const POLL_MS = 4000;
/** A status that has not changed by then is that of the operation: it began and ended between two looks. */
const STALE_MS = 60_000;

/**
 * Waits for the end of an operation, showing each of its events once. Events come late and twice, and the status
 * just after the start may still be the one before: both are taken into account.
 *
 * @param show called in the order in which events are seen
 */
export async function followStack(
  world: FollowWorld,
  operation: Operation,
  show: (event: StackEvent) => void,
): Promise<Followed> {
  const { cloudFormation, clock, leave } = world;
  const seen = new Map<string, StackEvent>();
  const look = async (isLast: boolean): Promise<void> => {
    for (const event of await readEvents(cloudFormation, operation, seen, isLast)) {
      seen.set(event.id, event);
      show(event);
    }
  };
  const since = clock.now().getTime();
  let hasBegun = false;
  for (;;) {
    const stack = await cloudFormation.describeStack(operation.stackId);
    hasBegun ||= isNew(stack, operation) || clock.now().getTime() - since > STALE_MS;
    const isOver = hasBegun && (stack === null || ruleOf(stack.status).action !== 'wait');
    const isLeft = !isOver && leave.aborted;
    await look(isOver || isLeft);
    if (isOver || isLeft) return { stack, isLeft, events: [...seen.values()].toSorted(inTime) };
    await pause(clock, jitter(POLL_MS), leave);
  }
}

/** Whether what is seen can only come from this operation. */
function isNew(stack: StackDescription | null, { before }: Operation): boolean {
  if (stack === null) return true;
  if (ruleOf(stack.status).action === 'wait') return true;
  if (before === null) return stack.status !== 'REVIEW_IN_PROGRESS';
  return (
    stack.status !== before.status || (stack.updatedAt ?? stack.createdAt).toISOString() !== before.changedAt
  );
}

/**
 * What was not seen yet, oldest first. A page on which everything is known ends the search; the last look goes back
 * to the start, for events that came late.
 */
async function readEvents(
  cloudFormation: FollowWorld['cloudFormation'],
  { stackId, token, startedAt }: Operation,
  seen: ReadonlyMap<string, StackEvent>,
  isLast: boolean,
): Promise<readonly StackEvent[]> {
  const fresh = new Map<string, StackEvent>();
  for await (const page of cloudFormation.events(stackId)) {
    const ours = page.filter((event) => (token === null ? event.at >= startedAt : event.token === token));
    const news = ours.filter(({ id }) => !seen.has(id) && !fresh.has(id));
    for (const event of news) fresh.set(event.id, event);
    const isBefore = page.some(({ at, token: other }) => at < startedAt && other !== token);
    if (isBefore || (!isLast && news.length === 0)) break;
  }
  return [...fresh.values()].toSorted(inTime);
}

function inTime(a: StackEvent, b: StackEvent): number {
  return a.at.getTime() - b.at.getTime();
}
