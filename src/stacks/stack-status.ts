/** What a deploy does with a stack in this state. */
export type StatusAction =
  /** Nobody works on it and it can be created or updated. */
  | 'proceed'
  /** An operation runs: it ends by itself. */
  | 'wait'
  /** An update failed and so did taking it back: that has to be tried again before anything else. */
  | 'continue-rollback'
  /** Its first creation failed: CloudFormation allows nothing but to delete it. */
  | 'delete-and-retry'
  /** A person has to look. */
  | 'refuse';

export interface StatusRule {
  readonly action: StatusAction;
  /** For the operator: what this state means. */
  readonly meaning: string;
  /** The operation ended as it was meant to. Of states that others lead to: false. */
  readonly isSuccess: boolean;
}

const proceed = (meaning: string, isSuccess = true): StatusRule => ({
  action: 'proceed',
  meaning,
  isSuccess,
});
const wait = (meaning: string): StatusRule => ({ action: 'wait', meaning, isSuccess: false });
const retry = (meaning: string): StatusRule => ({ action: 'delete-and-retry', meaning, isSuccess: false });
const refuse = (meaning: string): StatusRule => ({ action: 'refuse', meaning, isSuccess: false });

/**
 * All states of a stack.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
const RULES = {
  CREATE_IN_PROGRESS: wait('is being created'),
  CREATE_FAILED: retry('could not be created, and what was made of it was kept'),
  CREATE_COMPLETE: proceed('is there'),
  ROLLBACK_IN_PROGRESS: wait('could not be created and is being taken back'),
  ROLLBACK_FAILED: retry('could not be created, nor taken back completely'),
  ROLLBACK_COMPLETE: retry('could not be created and was taken back'),
  DELETE_IN_PROGRESS: wait('is being deleted'),
  DELETE_FAILED: refuse('was to be deleted, and a part of it remains'),
  DELETE_COMPLETE: proceed('was deleted'),
  REVIEW_IN_PROGRESS: proceed('was planned and never created', false),
  UPDATE_IN_PROGRESS: wait('is being updated'),
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait('was updated, and what it replaced is being removed'),
  UPDATE_COMPLETE: proceed('is there'),
  // Only who forbids the rollback gets there, and sbw never does.
  UPDATE_FAILED: refuse('could not be updated by somebody, and was left half changed'),
  UPDATE_ROLLBACK_IN_PROGRESS: wait('could not be updated and is being taken back'),
  UPDATE_ROLLBACK_FAILED: {
    action: 'continue-rollback',
    meaning: 'could not be updated, nor taken back',
    isSuccess: false,
  },
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: wait(
    'was taken back, and what is left of the update is being removed',
  ),
  UPDATE_ROLLBACK_COMPLETE: proceed('is there, as before an update that failed', false),
  IMPORT_IN_PROGRESS: wait('is taking in resources'),
  IMPORT_COMPLETE: proceed('is there'),
  IMPORT_ROLLBACK_IN_PROGRESS: wait('could not take in resources and is being taken back'),
  IMPORT_ROLLBACK_FAILED: refuse('could not take in resources, nor be taken back'),
  IMPORT_ROLLBACK_COMPLETE: proceed('is there, as before an import that failed', false),
} as const satisfies Readonly<Record<string, StatusRule>>;

export type StackStatus = keyof typeof RULES;

export const STACK_STATUSES = Object.keys(RULES) as readonly StackStatus[];

const UNKNOWN = refuse('is in a state that this version of sbw does not know');

/** @param status as CloudFormation writes it; one that is new since is refused */
export function ruleOf(status: string): StatusRule {
  return Object.hasOwn(RULES, status) ? RULES[status as StackStatus] : UNKNOWN;
}

/** Whether the stack has resources that a deploy would update. */
export function isStanding(status: string): boolean {
  return (
    ruleOf(status).action === 'proceed' && status !== 'DELETE_COMPLETE' && status !== 'REVIEW_IN_PROGRESS'
  );
}
