import type * as sdk from '@aws-sdk/client-cloudformation';
import { createChangeSet, executeChangeSet, requireChangeSet } from '../../cloudformation/change-sets.ts';
import { findStack } from '../../cloudformation/stack.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import type { World } from '../../world/world.ts';
import { intentOf } from './intent.ts';
import { changeSetShape, changeShape, operationEvent, validationEvents, visibleEvents } from './shapes.ts';
import { requireStack } from './stack-actions.ts';

const NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

function requireName(field: string, value: string): void {
  if (NAME.test(value) || value.startsWith('arn:')) return;
  throw new AwsFault(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*`,
  );
}

export const changeSetActions = {
  CreateChangeSet(input: sdk.CreateChangeSetInput, world: World): sdk.CreateChangeSetOutput {
    const [stackName, name] = [input.StackName!, input.ChangeSetName!];
    requireName('stackName', stackName);
    requireName('changeSetName', name);
    const kind = input.ChangeSetType ?? 'UPDATE';
    if (kind === 'IMPORT') throw new AwsFault('ValidationError', 'The fake imports nothing');
    const previous = findStack(world, stackName)?.intent ?? null;
    const intent = intentOf(world, input, kind === 'UPDATE' ? previous : null);
    const onFailure = input.OnStackFailure ?? 'ROLLBACK';
    const clientToken = input.ClientToken ?? '';
    const { id, stack } = createChangeSet(world, { stackName, name, kind, intent, onFailure, clientToken });
    return { Id: id, StackId: stack.id };
  },

  DescribeChangeSet(
    { ChangeSetName, StackName, NextToken }: sdk.DescribeChangeSetInput,
    world: World,
  ): sdk.DescribeChangeSetOutput {
    const changeSet = requireChangeSet(world, ChangeSetName!, StackName);
    const { items, token } = pageOf(changeSet.changes, NextToken, world.settings.pageSize);
    return {
      ...changeSetShape(changeSet),
      Changes: items.map(changeShape),
      ...nextToken('NextToken', token),
    };
  },

  ListChangeSets({ StackName, NextToken }: sdk.ListChangeSetsInput, world: World): sdk.ListChangeSetsOutput {
    const stack = requireStack(world, StackName!, 'name');
    const { items, token } = pageOf([...stack.changeSets.values()], NextToken, world.settings.pageSize);
    return {
      Summaries: items.map(({ id, name, status, executionStatus, createdAt }) => ({
        StackId: stack.id,
        StackName: stack.name,
        ChangeSetId: id,
        ChangeSetName: name,
        Status: status as sdk.ChangeSetStatus,
        ExecutionStatus: executionStatus as sdk.ExecutionStatus,
        CreationTime: createdAt,
      })),
      ...nextToken('NextToken', token),
    };
  },

  ExecuteChangeSet(
    { ChangeSetName, StackName, ClientRequestToken }: sdk.ExecuteChangeSetInput,
    world: World,
  ): sdk.ExecuteChangeSetOutput {
    executeChangeSet(world, requireChangeSet(world, ChangeSetName!, StackName), ClientRequestToken ?? '');
    return {};
  },

  DeleteChangeSet(
    { ChangeSetName, StackName }: sdk.DeleteChangeSetInput,
    world: World,
  ): sdk.DeleteChangeSetOutput {
    const { id, stack, executionStatus } = requireChangeSet(world, ChangeSetName!, StackName);
    if (executionStatus === 'EXECUTE_IN_PROGRESS') {
      throw new AwsFault(
        'InvalidChangeSetStatus',
        `ChangeSet [${id}] cannot be deleted in its current status`,
      );
    }
    stack.changeSets.delete(id);
    return {};
  },

  /** Of a change set what early validation found, of a stack what its operations did. */
  DescribeEvents(input: sdk.DescribeEventsInput, world: World): sdk.DescribeEventsOutput {
    const { StackName, ChangeSetName, OperationId, Filters, NextToken } = input;
    const found =
      ChangeSetName === undefined
        ? stackEvents(world, StackName, OperationId)
        : validationEvents(requireChangeSet(world, ChangeSetName, StackName));
    const wanted =
      Filters?.FailedEvents === true
        ? found.filter(({ ResourceStatus, ValidationStatus }) =>
            (ResourceStatus ?? ValidationStatus ?? '').endsWith('FAILED'),
          )
        : found;
    const { items, token } = pageOf(wanted, NextToken, world.settings.pageSize);
    return { OperationEvents: [...items], ...nextToken('NextToken', token) };
  },
};

function stackEvents(
  world: World,
  stackName: string | undefined,
  operationId: string | undefined,
): sdk.OperationEvent[] {
  const stacks = stackName === undefined ? [...world.stacks.values()] : [requireStack(world, stackName)];
  return stacks.flatMap((stack) =>
    visibleEvents(world, stack)
      .filter((event) => (operationId ?? event.operationId) === event.operationId)
      .map((event) => operationEvent(stack, event)),
  );
}
