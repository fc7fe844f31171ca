import { AwsFault } from '../wire/fault.ts';
import { uuid } from '../world/ids.ts';
import { canonical } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { createStack } from './creation.ts';
import { changesOf, outputsOf } from './difference.ts';
import { findEarly } from './early-validation.ts';
import { type ChangeSet, type Intent, type Stack, findStack, newStack, setStackStatus } from './stack.ts';
import { updateStack } from './updating.ts';

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

/** How long CloudFormation compares. */
const COMPARE_MINUTES = 0.1;

const UPDATABLE = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

export interface Wish {
  readonly stackName: string;
  readonly name: string;
  readonly kind: 'CREATE' | 'UPDATE';
  readonly intent: Intent;
  readonly onFailure: string;
  /** `''`: none. */
  readonly clientToken: string;
}

/** @throws AwsFault */
export function createChangeSet(world: World, wish: Wish): ChangeSet {
  const { stackName, name, kind, intent, onFailure, clientToken } = wish;
  const found = findStack(world, stackName);
  const namesake = [...(found?.changeSets.values() ?? [])].find((other) => other.name === name);
  if (namesake !== undefined && clientToken !== '' && namesake.clientToken === clientToken) return namesake;
  if (kind === 'CREATE' && found !== undefined && found.status !== 'REVIEW_IN_PROGRESS') {
    throw invalid(
      `Stack [${stackName}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  }
  if (kind === 'UPDATE') {
    if (found === undefined) throw invalid(`Stack [${stackName}] does not exist`);
    requireUpdatable(found);
  }
  if (namesake !== undefined) {
    throw new AwsFault('AlreadyExistsException', `ChangeSet ${name} already exists`);
  }
  const stack = found ?? newStack(world, stackName, intent);
  if (found === undefined) setStackStatus(world, stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
  const changeSet: ChangeSet = {
    id: world.arn('cloudformation', `changeSet/${name}/${uuid()}`),
    name,
    stack,
    kind,
    intent,
    createdAt: world.clock.now(),
    onFailure,
    clientToken,
    status: 'CREATE_PENDING',
    reason: '',
    executionStatus: 'UNAVAILABLE',
    changes: [],
    findings: [],
  };
  stack.changeSets.set(changeSet.id, changeSet);
  world.clock.after(COMPARE_MINUTES / 2, () => {
    changeSet.status = 'CREATE_IN_PROGRESS';
  });
  world.clock.after(COMPARE_MINUTES, () => compare(world, changeSet));
  return changeSet;
}

/** @throws AwsFault while the stack is busy, or can only be deleted */
export function requireUpdatable({ id, status }: Stack): void {
  if (UPDATABLE.has(status)) return;
  throw invalid(`Stack:${id} is in ${status} state and can not be updated.`);
}

function compare(world: World, changeSet: ChangeSet): void {
  const { stack, intent } = changeSet;
  const fail = (reason: string): void => {
    changeSet.status = 'FAILED';
    changeSet.reason = reason;
  };
  try {
    changeSet.changes = changesOf(world, stack, intent);
    changeSet.findings = findEarly(world, stack, intent, changeSet.changes);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    return fail(error.message);
  }
  const [finding] = changeSet.findings;
  if (finding !== undefined) {
    return fail(
      `The following hook(s)/validation failed: [${finding.validation}]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.`,
    );
  }
  if (
    changeSet.changes.length === 0 &&
    changeSet.kind === 'UPDATE' &&
    !isOtherwiseNew(world, stack, intent)
  ) {
    return fail(
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    );
  }
  changeSet.status = 'CREATE_COMPLETE';
  changeSet.executionStatus = 'AVAILABLE';
}

function isOtherwiseNew(world: World, stack: Stack, intent: Intent): boolean {
  return (
    canonical(intent.tags) !== canonical(stack.intent.tags) ||
    canonical(outputsOf(world, stack, intent)) !== canonical(stack.outputs)
  );
}

/** By ARN, or by name together with its stack. @throws AwsFault ChangeSetNotFound */
export function requireChangeSet(world: World, name: string, stackName: string | undefined): ChangeSet {
  const all = [...world.stacks.values()].flatMap(({ changeSets }) => [...changeSets.values()]);
  const byId = all.find(({ id }) => id === name);
  if (byId !== undefined) return byId;
  if (name.startsWith('arn:'))
    throw new AwsFault('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
  if (stackName === undefined) {
    throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
  }
  const stack = findStack(world, stackName);
  if (stack === undefined) throw invalid(`Stack [${stackName}] does not exist`);
  const found = [...stack.changeSets.values()].find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new AwsFault('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
}

/** @throws AwsFault InvalidChangeSetStatus */
export function executeChangeSet(world: World, changeSet: ChangeSet, token: string): void {
  const { id, stack, intent, kind } = changeSet;
  if (changeSet.executionStatus !== 'AVAILABLE') {
    const status = changeSet.executionStatus === 'UNAVAILABLE' ? changeSet.status : changeSet.executionStatus;
    throw new AwsFault(
      'InvalidChangeSetStatus',
      `ChangeSet [${id}] cannot be executed in its current status of [${status}]`,
    );
  }
  if (kind === 'UPDATE') requireUpdatable(stack);
  for (const other of stack.changeSets.values()) {
    if (other.executionStatus === 'AVAILABLE') other.executionStatus = 'OBSOLETE';
  }
  changeSet.executionStatus = 'EXECUTE_COMPLETE';
  beginOperation(stack, kind === 'CREATE' ? 'CREATE_STACK' : 'UPDATE_STACK', token);
  if (kind === 'CREATE') createStack(world, stack, intent, changeSet.onFailure);
  else updateStack(world, stack, intent);
}

export function beginOperation(stack: Stack, type: Stack['operationType'], token: string): void {
  stack.token = token;
  stack.operationId = uuid();
  stack.operationType = type;
}
