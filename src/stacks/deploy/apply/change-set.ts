import { SbwError } from '../../../errors.ts';
import type { ChangeSet, ChangeSetRequest, CloudFormation } from '../../ports/cloudformation.ts';
import type { EarlyValidation } from '../../ports/deploy/validation.ts';
import { type Diagnosis, type Titles, diagnoseChangeSet } from '../diagnose/diagnose.ts';
import { StackFailure } from '../diagnose/failure.ts';
import type { Clock } from '../ports.ts';
import { jitter, pause } from './pause.ts';

export interface ChangeSetWorld {
  readonly cloudFormation: Pick<
    CloudFormation,
    'createChangeSet' | 'describeChangeSet' | 'deleteChangeSet' | 'describeStack' | 'deleteStack'
  >;
  readonly earlyValidation: EarlyValidation;
  readonly clock: Clock;
  /** Stops waiting. */
  readonly leave: AbortSignal;
}

export interface Wish extends ChangeSetRequest {
  /** Plain words by logical id, for what goes wrong. */
  readonly titles: Titles;
}

const POLL_MS = 1500;
/** CloudFormation compares in seconds; one that takes longer hangs. */
const PATIENCE_MS = 5 * 60_000;

/** How CloudFormation says, in two ways, that there is nothing to do. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;

/**
 * Makes a change set, waits for it, and hands it to `use`. Whatever happens, a change set that was not executed is
 * gone afterwards, and so is the empty stack that came with it.
 *
 * @param use says whether it executed it; gets null when there is nothing to change
 * @throws SbwError STACK_FAILED (StackFailure) when CloudFormation refuses the change; DEPLOY_STOPPED (cancelled)
 */
export async function withChangeSet<T>(
  world: ChangeSetWorld,
  { titles, ...request }: Wish,
  use: (changeSet: ChangeSet | null) => Promise<{ readonly isExecuted: boolean; readonly result: T }>,
): Promise<T> {
  const { cloudFormation } = world;
  const made = await cloudFormation.createChangeSet(request);
  let isExecuted = false;
  try {
    const changeSet = await waitForChangeSet(world, made.id, { stackName: request.stackName, titles });
    const used = await use(changeSet);
    isExecuted = used.isExecuted;
    return used.result;
  } finally {
    if (!isExecuted) await discard(world, made, request.stackName);
  }
}

/** Null: nothing to change. */
async function waitForChangeSet(
  { cloudFormation, earlyValidation, clock, leave }: ChangeSetWorld,
  id: string,
  { stackName, titles }: Pick<Wish, 'stackName' | 'titles'>,
): Promise<ChangeSet | null> {
  const startedAt = clock.now().getTime();
  for (;;) {
    const changeSet = await cloudFormation.describeChangeSet(id);
    if (changeSet === null) throw vanished(stackName);
    if (changeSet.status === 'CREATE_COMPLETE') return changeSet;
    if (changeSet.status === 'FAILED') {
      if (NO_CHANGES.test(changeSet.statusReason)) return null;
      throw failureOf(
        stackName,
        changeSet,
        diagnoseChangeSet(changeSet, await earlyValidation.findings(id), titles),
      );
    }
    if (leave.aborted) {
      throw new SbwError('DEPLOY_STOPPED', `Stopped before ${stackName} was touched.`, { kind: 'cancelled' });
    }
    if (clock.now().getTime() - startedAt > PATIENCE_MS) {
      throw new SbwError(
        'CHANGE_SET_TIMEOUT',
        `CloudFormation does not say what it would change in ${stackName}.`,
        {
          kind: 'timeout',
          fix: 'nothing was changed; run the same command again',
        },
      );
    }
    await pause(clock, jitter(POLL_MS), leave);
  }
}

function failureOf(stackName: string, { stackId }: ChangeSet, diagnosis: Diagnosis): StackFailure {
  return new StackFailure(
    { stackName, stackId, status: 'FAILED', isUntouched: true, serverIds: [] },
    diagnosis,
  );
}

function vanished(stackName: string): SbwError {
  return new SbwError('PLAN_CHANGED', `Somebody deleted the change set of ${stackName}.`, {
    kind: 'refused',
    fix: 'run the same command again',
  });
}

/** Tries what it can: the failure that led here must not be hidden by another one. */
async function discard(
  { cloudFormation }: ChangeSetWorld,
  made: { readonly id: string; readonly stackId: string },
  stackName: string,
): Promise<void> {
  try {
    await cloudFormation.deleteChangeSet(made.id);
    const stack = await cloudFormation.describeStack(made.stackId);
    if (stack?.status === 'REVIEW_IN_PROGRESS') {
      await cloudFormation.deleteStack({ stack: made.stackId, token: `discard-${stackName}` });
    }
  } catch {
    // What remains is a stack in REVIEW_IN_PROGRESS: it holds nothing, and the next deploy uses it.
  }
}
