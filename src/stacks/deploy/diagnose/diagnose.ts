import type { ChangeSet, StackEvent } from '../../ports/cloudformation.ts';
import type { EarlyFinding } from '../../ports/deploy/validation.ts';
import { explain } from './causes.ts';

/** The root cause of a failed operation, in our words and in AWS's. */
export interface Diagnosis {
  /** For scripts. */
  readonly code: string;
  readonly headline: string;
  /** What AWS said about it. */
  readonly reason: string;
  /** Empty when it is about the whole stack. */
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  /** Plain words. */
  readonly title: string;
  readonly at: Date | null;
  /** Who says so: `CloudFormation event`, `CloudFormation early validation (ResourceExistenceCheck)`. */
  readonly source: string;
  /** Resources that failed by themselves beside it. */
  readonly others: readonly { readonly logicalId: string; readonly reason: string }[];
  /** Resources that only stopped because of it. */
  readonly cancelled: number;
  /** Lines of a log that shows more; empty when there is none. */
  readonly evidence: readonly string[];
  /** Why more could not be found out; '' when nothing was missing. */
  readonly evidenceProblem: string;
  readonly fix: string | undefined;
}

/** What CloudFormation writes when something stopped for another's sake. */
const CANCELLED =
  /^(?:Resource (?:creation|update|deletion) cancelled|Rollback requested|The following resource\(s\) failed)/i;
const STACK = 'AWS::CloudFormation::Stack';

export type Titles = ReadonlyMap<string, string>;

/**
 * Pure. The first resource that failed by itself is the cause; others that did are named, those that were cancelled
 * are counted.
 *
 * @param events of one operation, in any order, also twice
 * @param titles plain words by logical id
 */
export function diagnose(events: readonly StackEvent[], titles: Titles, statusReason: string): Diagnosis {
  const ordered = [...new Map(events.map((event) => [event.id, event])).values()].toSorted(inTime);
  const failed = ordered.filter(({ status }) => status.endsWith('_FAILED'));
  const own = failed.filter((event) => !CANCELLED.test(event.reason) && !isWholeStack(event));
  const cancelled = new Set(
    failed.filter(({ reason }) => CANCELLED.test(reason)).map(({ logicalId }) => logicalId),
  );
  const [first] = own;
  if (first === undefined) return withoutCause(ordered, statusReason);
  const title = titles.get(first.logicalId) ?? first.logicalId;
  const others = new Map(own.slice(1).map(({ logicalId, reason }) => [logicalId, reason]));
  others.delete(first.logicalId);
  return {
    ...explain(first.type, title, first.reason),
    ...{
      reason: first.reason,
      logicalId: first.logicalId,
      physicalId: first.physicalId,
      type: first.type,
      title,
    },
    at: first.at,
    source: 'CloudFormation event',
    others: [...others].map(([logicalId, reason]) => ({ logicalId, reason })),
    cancelled: [...cancelled].filter((id) => id !== first.logicalId && !others.has(id)).length,
    evidence: [],
    evidenceProblem: '',
  };
}

/** Nothing failed by itself: somebody cancelled it, or CloudFormation says no more than it does. */
function withoutCause(ordered: readonly StackEvent[], statusReason: string): Diagnosis {
  const last = ordered.findLast((event) => isWholeStack(event) && event.reason !== '');
  const reason = statusReason || last?.reason || 'CloudFormation gives no reason';
  const isCancelled = /cancel/i.test(`${statusReason} ${last?.reason ?? ''}`);
  return {
    ...(isCancelled
      ? {
          code: 'DEPLOY_CANCELLED',
          headline: 'the update was cancelled',
          fix: 'run sbw deploy again when you want it',
        }
      : { code: 'STACK_FAILED', headline: 'the stack failed', fix: undefined }),
    ...{ reason, logicalId: '', physicalId: '', type: '', title: '' },
    ...{ at: last?.at ?? null, source: 'CloudFormation', others: [], cancelled: 0 },
    ...{ evidence: [], evidenceProblem: '' },
  };
}

/** A change set that CloudFormation refused: nothing was touched. */
export function diagnoseChangeSet(
  { statusReason }: Pick<ChangeSet, 'statusReason'>,
  findings: readonly EarlyFinding[],
  titles: Titles,
): Diagnosis {
  const [first] = findings;
  const empty = { physicalId: '', at: null, cancelled: 0, evidence: [] };
  if (first === undefined) {
    const isHidden = /early validation/i.test(statusReason);
    return {
      ...{ code: 'CHANGE_REFUSED', headline: 'CloudFormation refuses the change', reason: statusReason },
      ...{ ...empty, logicalId: '', type: '', title: '', source: 'CloudFormation change set', others: [] },
      evidenceProblem: isHidden ? 'what it found cannot be read: allow cloudformation:DescribeEvents' : '',
      fix: undefined,
    };
  }
  const title = titles.get(first.logicalId) ?? first.logicalId;
  const check = first.check.split('::').at(-1) ?? '';
  return {
    ...explain(first.type, title, first.reason),
    ...{ reason: first.reason, logicalId: first.logicalId, type: first.type, title },
    ...{ ...empty, source: `CloudFormation early validation (${check})`, evidenceProblem: '' },
    others: findings.slice(1).map(({ logicalId, reason }) => ({ logicalId, reason })),
  };
}

function isWholeStack({ type, physicalId, stackId }: StackEvent): boolean {
  return type === STACK && physicalId === stackId;
}

/** Events of the same moment keep CloudFormation's order only by chance; the id then decides, always the same way. */
function inTime(a: StackEvent, b: StackEvent): number {
  return a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1);
}
