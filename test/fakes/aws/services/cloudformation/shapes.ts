import type * as sdk from '@aws-sdk/client-cloudformation';
import type {
  ChangeSet,
  Intent,
  ResourceChange,
  Stack,
  StackEvent,
  StackResource,
} from '../../cloudformation/stack.ts';
import { without } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';

/** What a NoEcho parameter shows. */
const HIDDEN = '****';

export function parametersOf({ template, parameters }: Intent): sdk.Parameter[] {
  return Object.entries(parameters).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: String(template.Parameters[ParameterKey]?.NoEcho ?? false) === 'true' ? HIDDEN : value,
  }));
}

const tagsOf = (tags: Readonly<Record<string, string>>): sdk.Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const reasonOf = (name: string, reason: string): object => (reason === '' ? {} : { [name]: reason });

export function stackShape(stack: Stack): sdk.Stack {
  const isReviewed = stack.status === 'REVIEW_IN_PROGRESS';
  return {
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: stack.createdAt,
    StackStatus: stack.status as sdk.StackStatus,
    DisableRollback: false,
    EnableTerminationProtection: stack.isProtected,
    RollbackConfiguration: {},
    DriftInformation: { StackDriftStatus: stack.driftStatus as sdk.StackDriftStatus },
    Tags: tagsOf(stack.intent.tags),
    Parameters: isReviewed ? [] : parametersOf(stack.intent),
    Capabilities: [...stack.intent.capabilities] as sdk.Capability[],
    Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    ...reasonOf('StackStatusReason', stack.reason),
    ...(stack.updatedAt === null ? {} : { LastUpdatedTime: stack.updatedAt }),
    ...(stack.deletedAt === null ? {} : { DeletionTime: stack.deletedAt }),
  };
}

export function resourceSummary(resource: StackResource): sdk.StackResourceSummary {
  return {
    LogicalResourceId: resource.logicalId,
    ...(resource.physicalId === '' ? {} : { PhysicalResourceId: resource.physicalId }),
    ResourceType: resource.type,
    LastUpdatedTimestamp: resource.at,
    ResourceStatus: resource.status as sdk.ResourceStatus,
    ...reasonOf('ResourceStatusReason', resource.reason),
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}

export function eventShape(stack: Stack, event: StackEvent): sdk.StackEvent {
  return {
    StackId: stack.id,
    StackName: stack.name,
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: event.at,
    ResourceStatus: event.status as sdk.ResourceStatus,
    ...reasonOf('ResourceStatusReason', event.reason),
    ...(event.token === '' ? {} : { ClientRequestToken: event.token }),
  };
}

export function operationEvent(stack: Stack, event: StackEvent): sdk.OperationEvent {
  return {
    ...without(eventShape(stack, event), 'StackName'),
    OperationId: event.operationId,
    EventType: 'STACK_EVENT',
  };
}

export function validationEvents({ stack, findings, createdAt, id }: ChangeSet): sdk.OperationEvent[] {
  return findings.map(({ validation, logicalId, type, path, reason }, index) => ({
    EventId: `${id}#${index}`,
    StackId: stack.id,
    OperationId: stack.operationId,
    OperationType: 'CREATE_CHANGESET',
    EventType: 'VALIDATION_ERROR',
    LogicalResourceId: logicalId,
    ResourceType: type,
    Timestamp: createdAt,
    ValidationName: validation,
    ValidationStatus: 'FAILED',
    ValidationFailureMode: 'FAIL',
    ValidationStatusReason: reason,
    ValidationPath: path,
  }));
}

export function changeShape(change: ResourceChange): sdk.Change {
  const { action, causes, policyAction, physicalId, replacement } = change;
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: action,
      LogicalResourceId: change.logicalId,
      ResourceType: change.type,
      Scope: [...new Set(causes.map(({ attribute }) => attribute))],
      Details: causes.map(({ attribute, name, recreation }) => ({
        Target: {
          Attribute: attribute,
          ...(name === '' ? {} : { Name: name }),
          RequiresRecreation: recreation as sdk.RequiresRecreation,
        },
        Evaluation: recreation === 'Conditionally' ? 'Dynamic' : 'Static',
        ChangeSource: 'DirectModification',
      })),
      ...(physicalId === '' ? {} : { PhysicalResourceId: physicalId }),
      ...(action === 'Modify' ? { Replacement: replacement } : {}),
      ...(policyAction === '' ? {} : { PolicyAction: policyAction as sdk.PolicyAction }),
    },
  };
}

export function changeSetShape(changeSet: ChangeSet): sdk.DescribeChangeSetOutput {
  const { stack, intent } = changeSet;
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: changeSet.createdAt,
    Status: changeSet.status as sdk.ChangeSetStatus,
    ExecutionStatus: changeSet.executionStatus as sdk.ExecutionStatus,
    ...reasonOf('StatusReason', changeSet.reason),
    Parameters: parametersOf(intent),
    Tags: tagsOf(intent.tags),
    Capabilities: [...intent.capabilities] as sdk.Capability[],
    NotificationARNs: [],
    RollbackConfiguration: {},
    IncludeNestedStacks: false,
  };
}

/** Events that can be seen by now, newest first. */
export function visibleEvents(world: World, { events }: Stack): StackEvent[] {
  const now = world.clock.now();
  return events
    .filter(({ visibleAt }) => visibleAt <= now)
    .toReversed()
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
}
