import type * as sdk from '@aws-sdk/client-cloudformation';
import { beginOperation, requireUpdatable } from '../../cloudformation/change-sets.ts';
import { createStack } from '../../cloudformation/creation.ts';
import { deleteStack } from '../../cloudformation/deletion.ts';
import { changesOf } from '../../cloudformation/difference.ts';
import { type Stack, type StackResource, findStack, newStack } from '../../cloudformation/stack.ts';
import { rollBackUpdate, updateStack } from '../../cloudformation/updating.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { without } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { intentOf, neededCapability, templateOf } from './intent.ts';
import { eventShape, resourceSummary, stackShape, visibleEvents } from './shapes.ts';

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

/** @param word AWS says it in two ways @throws AwsFault ValidationError */
export function requireStack(world: World, nameOrId: string, word = 'id'): Stack {
  const found = findStack(world, nameOrId);
  if (found !== undefined) return found;
  throw invalid(
    word === 'id' ? `Stack with id ${nameOrId} does not exist` : `Stack [${nameOrId}] does not exist`,
  );
}

const DELETABLE_DURING = new Set(['CREATE_IN_PROGRESS', 'REVIEW_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS']);

export const stackActions = {
  DescribeStacks({ StackName, NextToken }: sdk.DescribeStacksInput, world: World): sdk.DescribeStacksOutput {
    if (StackName !== undefined) return { Stacks: [stackShape(requireStack(world, StackName))] };
    const living = [...world.stacks.values()].filter(({ deletedAt }) => deletedAt === null);
    const { items, token } = pageOf(living, NextToken, world.settings.pageSize);
    return { Stacks: items.map(stackShape), ...nextToken('NextToken', token) };
  },

  ListStacks({ NextToken, StackStatusFilter }: sdk.ListStacksInput, world: World): sdk.ListStacksOutput {
    const wanted = [...world.stacks.values()].filter(
      ({ status }) =>
        StackStatusFilter === undefined || StackStatusFilter.includes(status as sdk.StackStatus),
    );
    const { items, token } = pageOf(wanted, NextToken, world.settings.pageSize);
    return {
      StackSummaries: items.map(({ id, name, createdAt, deletedAt, status }) => ({
        StackId: id,
        StackName: name,
        CreationTime: createdAt,
        ...(deletedAt === null ? {} : { DeletionTime: deletedAt }),
        StackStatus: status as sdk.StackStatus,
      })),
      ...nextToken('NextToken', token),
    };
  },

  ListStackResources(
    { StackName, NextToken }: sdk.ListStackResourcesInput,
    world: World,
  ): sdk.ListStackResourcesOutput {
    const { resources } = requireStack(world, StackName!);
    const { items, token } = pageOf(
      [...resources.values()].filter(({ status }) => status !== ''),
      NextToken,
      world.settings.pageSize,
    );
    return { StackResourceSummaries: items.map(resourceSummary), ...nextToken('NextToken', token) };
  },

  DescribeStackResources(
    { StackName, LogicalResourceId, PhysicalResourceId }: sdk.DescribeStackResourcesInput,
    world: World,
  ): sdk.DescribeStackResourcesOutput {
    const stacks = StackName === undefined ? [...world.stacks.values()] : [requireStack(world, StackName)];
    const isMeant = ({ logicalId, physicalId }: StackResource): boolean =>
      (LogicalResourceId ?? logicalId) === logicalId && (PhysicalResourceId ?? physicalId) === physicalId;
    const found = stacks.flatMap((stack) =>
      [...stack.resources.values()].filter(isMeant).map((resource) => {
        const { LastUpdatedTimestamp, ...rest } = without(resourceSummary(resource), 'DriftInformation');
        return { ...rest, Timestamp: LastUpdatedTimestamp, StackName: stack.name, StackId: stack.id };
      }),
    );
    if (PhysicalResourceId !== undefined && found.length === 0) {
      throw invalid(`Stack for ${PhysicalResourceId} does not exist`);
    }
    return { StackResources: found };
  },

  DescribeStackEvents(
    { StackName, NextToken }: sdk.DescribeStackEventsInput,
    world: World,
  ): sdk.DescribeStackEventsOutput {
    const stack = requireStack(world, StackName!, 'name');
    const { pageSize, events } = world.settings;
    const visible = visibleEvents(world, stack);
    const { items, token } = pageOf(visible, NextToken, pageSize);
    const [first] = items;
    const before = first === undefined ? undefined : visible[visible.indexOf(first) - 1];
    const shown = events.areRepeated && before !== undefined ? [before, ...items] : items;
    return { StackEvents: shown.map((event) => eventShape(stack, event)), ...nextToken('NextToken', token) };
  },

  GetTemplate({ StackName, ChangeSetName }: sdk.GetTemplateInput, world: World): sdk.GetTemplateOutput {
    const stack = requireStack(world, StackName!);
    const changeSet = [...stack.changeSets.values()].find(
      ({ id, name }) => id === ChangeSetName || name === ChangeSetName,
    );
    const { template } = changeSet?.intent ?? stack.intent;
    return { TemplateBody: template.text, StagesAvailable: ['Original', 'Processed'] };
  },

  GetTemplateSummary(input: sdk.GetTemplateSummaryInput, world: World): sdk.GetTemplateSummaryOutput {
    const template =
      input.StackName === undefined
        ? templateOf(world, input, null)
        : requireStack(world, input.StackName).intent.template;
    const capability = neededCapability(template);
    return {
      ...(capability === null ? {} : { Capabilities: [capability] }),
      ...(template.Description === undefined ? {} : { Description: template.Description }),
      Parameters: Object.entries(template.Parameters).map(([ParameterKey, { Type, Default }]) => ({
        ParameterKey,
        ParameterType: Type,
        ...(Default === undefined ? {} : { DefaultValue: String(Default) }),
      })),
      ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
    };
  },

  ValidateTemplate(input: sdk.ValidateTemplateInput, world: World): sdk.ValidateTemplateOutput {
    const template = templateOf(world, input, null);
    const capability = neededCapability(template);
    return { Parameters: [], ...(capability === null ? {} : { Capabilities: [capability] }) };
  },

  CreateStack(input: sdk.CreateStackInput, world: World): sdk.CreateStackOutput {
    if (findStack(world, input.StackName!) !== undefined) {
      throw new AwsFault('AlreadyExistsException', `Stack [${input.StackName!}] already exists`);
    }
    const intent = intentOf(world, input, null);
    const stack = newStack(world, input.StackName!, intent);
    stack.isProtected = input.EnableTerminationProtection ?? false;
    beginOperation(stack, 'CREATE_STACK', input.ClientRequestToken ?? '');
    createStack(
      world,
      stack,
      intent,
      input.OnFailure ?? (input.DisableRollback === true ? 'DO_NOTHING' : 'ROLLBACK'),
    );
    return { StackId: stack.id };
  },

  UpdateStack(input: sdk.UpdateStackInput, world: World): sdk.UpdateStackOutput {
    const stack = requireStack(world, input.StackName!, 'name');
    requireUpdatable(stack);
    const intent = intentOf(world, input, stack.intent);
    if (changesOf(world, stack, intent).length === 0) throw invalid('No updates are to be performed.');
    beginOperation(stack, 'UPDATE_STACK', input.ClientRequestToken ?? '');
    updateStack(world, stack, intent);
    return { StackId: stack.id };
  },

  DeleteStack(input: sdk.DeleteStackInput, world: World): void {
    const stack = findStack(world, input.StackName!);
    // A name that is not there is fine with CloudFormation.
    if (stack === undefined || stack.deletedAt !== null || stack.status === 'DELETE_IN_PROGRESS') return;
    if (stack.isProtected) {
      throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (stack.status.endsWith('_IN_PROGRESS') && !DELETABLE_DURING.has(stack.status)) {
      throw invalid(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
    }
    const retain = input.RetainResources ?? [];
    if (retain.length > 0 && stack.status !== 'DELETE_FAILED') {
      throw invalid(
        `Invalid operation on stack [${stack.id}]. Invoke delete without specifying resources to retain.`,
      );
    }
    beginOperation(stack, 'DELETE_STACK', input.ClientRequestToken ?? '');
    deleteStack(world, stack, retain);
  },

  CancelUpdateStack({ StackName, ClientRequestToken }: sdk.CancelUpdateStackInput, world: World): void {
    const stack = requireStack(world, StackName!, 'name');
    if (stack.status !== 'UPDATE_IN_PROGRESS') {
      throw invalid(`CancelUpdateStack cannot be called from current stack status`);
    }
    if (ClientRequestToken !== undefined) stack.token = ClientRequestToken;
    rollBackUpdate(world, stack, 'User Initiated');
  },

  ContinueUpdateRollback(
    input: sdk.ContinueUpdateRollbackInput,
    world: World,
  ): sdk.ContinueUpdateRollbackOutput {
    const stack = requireStack(world, input.StackName!, 'name');
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue rollback.`);
    }
    beginOperation(stack, 'CONTINUE_ROLLBACK', input.ClientRequestToken ?? '');
    rollBackUpdate(world, stack, 'User Initiated', input.ResourcesToSkip ?? []);
    return {};
  },

  UpdateTerminationProtection(
    { StackName, EnableTerminationProtection }: sdk.UpdateTerminationProtectionInput,
    world: World,
  ): sdk.UpdateTerminationProtectionOutput {
    const stack = requireStack(world, StackName!, 'name');
    stack.isProtected = EnableTerminationProtection!;
    return { StackId: stack.id };
  },
};
