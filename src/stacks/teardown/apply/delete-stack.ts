import { SbwError } from '../../../errors.ts';
import type { StackDescription, StackResource } from '../../ports/cloudformation.ts';
import type { TeardownPorts } from '../ports.ts';
import type { Patience } from './patience.ts';

type CloudFormation = TeardownPorts['cloudFormation'];

const STACK_POLL_MS = 5000;
/** What CloudFormation gave up may have been in the way of something that goes away by itself. */
const ATTEMPTS = 2;
const RETRY_PAUSE_MS = 20_000;

export interface StackToDelete {
  readonly name: string;
  /** Never the name: somebody may have made a new stack of that name meanwhile. */
  readonly id: string;
  /** ClientRequestToken, new for every run. */
  readonly token: string;
}

/**
 * Deletes a stack and waits until CloudFormation says that it is gone.
 *
 * @throws SbwError STACK_NOT_DELETED with what is left and why; STACK_BUSY (refused) while a deploy works on it
 */
export async function deleteStack(
  cloudFormation: CloudFormation,
  { name, id, token }: StackToDelete,
  patience: Patience,
  say: (text: string) => void,
): Promise<'done' | 'gone'> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await cloudFormation.describeStack(id);
    if (isGone(before)) return 'gone';
    requireIdle(before);
    // One that is being deleted is only waited for; DELETE_FAILED and all others are asked to go.
    if (before.status !== 'DELETE_IN_PROGRESS') {
      await cloudFormation.deleteStack({ stack: id, token: `${token}-${attempt}` });
    }
    const after = await waitForEnd(cloudFormation, id, before.status, patience, say);
    if (after === null) return 'done';
    if (attempt === ATTEMPTS) throw await failureOf(cloudFormation, name, after);
    say('CloudFormation gave up, trying again');
    await patience.wait(RETRY_PAUSE_MS);
  }
}

/** Null when it is gone; else the stack in DELETE_FAILED. */
async function waitForEnd(
  cloudFormation: CloudFormation,
  id: string,
  statusBefore: string,
  patience: Patience,
  say: (text: string) => void,
): Promise<StackDescription | null> {
  let hasBegun = false;
  for (;;) {
    const stack = await cloudFormation.describeStack(id);
    if (isGone(stack)) return null;
    hasBegun ||= stack.status === 'DELETE_IN_PROGRESS' || stack.status !== statusBefore;
    // The status of the attempt before may be shown for a moment longer.
    const isStale = !hasBegun && patience.elapsedMs() < 3 * STACK_POLL_MS;
    if (stack.status === 'DELETE_FAILED' && !isStale) return stack;
    const left = (await cloudFormation.listResources(id)).filter(isLeft);
    say(describeLeft(left));
    await patience.wait(STACK_POLL_MS);
  }
}

function describeLeft(left: readonly StackResource[]): string {
  const [first] = left.filter(({ status }) => status === 'DELETE_IN_PROGRESS');
  const count = `${left.length} ${left.length === 1 ? 'resource' : 'resources'} left`;
  return first === undefined ? count : `${count}, now ${first.logicalId}`;
}

function isLeft({ status }: StackResource): boolean {
  return status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED';
}

function isGone(stack: StackDescription | null): stack is null {
  return stack === null || stack.status === 'DELETE_COMPLETE';
}

/** CloudFormation refuses to delete a stack that it is updating. @throws SbwError STACK_BUSY */
export function requireIdle({ name, status }: StackDescription): void {
  if (!/^UPDATE_.*IN_PROGRESS$/.test(status)) return;
  throw new SbwError('STACK_BUSY', `${name} is being updated (${status}).`, {
    kind: 'refused',
    fix: 'wait for the deploy to end, then run the same command again',
  });
}

async function failureOf(
  cloudFormation: CloudFormation,
  name: string,
  stack: StackDescription,
): Promise<SbwError> {
  const resources = await cloudFormation.listResources(stack.id);
  const failed = resources.filter(({ status }) => status === 'DELETE_FAILED');
  const lines = failed.map(
    ({ logicalId, physicalId, statusReason }) => `${logicalId} (${physicalId}): ${statusReason}`,
  );
  const permission = lines
    .map((line) => /not authorized to perform:? ([\w-]+:\w+)/.exec(line)?.[1])
    .find(Boolean);
  const said = lines.length === 0 ? stack.statusReason : lines.join('; ');
  return new SbwError(
    'STACK_NOT_DELETED',
    `CloudFormation could not delete ${name}. ${said}`.slice(0, 2000),
    {
      fix:
        permission === undefined
          ? 'run the same command again: it goes on from here'
          : `ask for the permission ${permission}, then run the same command again`,
    },
  );
}
