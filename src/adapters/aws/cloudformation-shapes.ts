/** What the SDK answers, as our ports say it. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type {
  ChangeSet,
  ResourceChange,
  ResourceDrift,
  StackDescription,
  StackEvent,
  StackResource,
} from '../../stacks/ports/cloudformation.ts';

export function describe(stack: sdk.Stack): StackDescription {
  return {
    name: stack.StackName!,
    id: stack.StackId!,
    status: stack.StackStatus!,
    statusReason: stack.StackStatusReason ?? '',
    createdAt: stack.CreationTime!,
    updatedAt: stack.LastUpdatedTime ?? null,
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map((one) => [one.ParameterKey!, one.ParameterValue ?? '']),
    ),
    outputs: Object.fromEntries((stack.Outputs ?? []).map((one) => [one.OutputKey!, one.OutputValue ?? ''])),
    tags: Object.fromEntries((stack.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? ''])),
    isTerminationProtected: stack.EnableTerminationProtection === true,
  };
}

export function resourceOf(resource: sdk.StackResourceSummary): StackResource {
  return {
    logicalId: resource.LogicalResourceId!,
    physicalId: resource.PhysicalResourceId ?? '',
    type: resource.ResourceType!,
    status: resource.ResourceStatus!,
    statusReason: resource.ResourceStatusReason ?? '',
  };
}

export function eventOf(event: sdk.StackEvent): StackEvent {
  return {
    id: event.EventId!,
    stackId: event.StackId!,
    stackName: event.StackName!,
    logicalId: event.LogicalResourceId ?? '',
    physicalId: event.PhysicalResourceId ?? '',
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? '',
    at: event.Timestamp!,
    token: event.ClientRequestToken ?? '',
  };
}

export function changeOf({ ResourceChange: change }: sdk.Change): ResourceChange[] {
  if (change === undefined) return [];
  return [
    {
      action: change.Action as ResourceChange['action'],
      logicalId: change.LogicalResourceId!,
      physicalId: change.PhysicalResourceId ?? '',
      type: change.ResourceType!,
      replacement: change.Replacement ?? 'False',
      policyAction: change.PolicyAction ?? '',
      details: (change.Details ?? []).map(({ Target }) =>
        [Target?.Attribute, Target?.Name].filter(Boolean).join('.'),
      ),
    },
  ];
}

export function changeSetOf(
  page: sdk.DescribeChangeSetCommandOutput,
  changes: readonly ResourceChange[],
): ChangeSet {
  return {
    id: page.ChangeSetId!,
    stackId: page.StackId!,
    stackName: page.StackName!,
    status: page.Status!,
    statusReason: page.StatusReason ?? '',
    executionStatus: page.ExecutionStatus ?? 'UNAVAILABLE',
    changes,
  };
}

export function driftOf(drift: sdk.StackResourceDrift): ResourceDrift {
  return {
    stackId: drift.StackId!,
    logicalId: drift.LogicalResourceId!,
    physicalId: drift.PhysicalResourceId ?? '',
    type: drift.ResourceType!,
    status: drift.StackResourceDriftStatus as ResourceDrift['status'],
    differences: (drift.PropertyDifferences ?? []).map((one) => ({
      path: one.PropertyPath ?? '',
      expected: one.ExpectedValue ?? '',
      actual: one.ActualValue ?? '',
    })),
  };
}
