import type * as sdk from '@aws-sdk/client-cloudformation';
import { isThere } from '../../cloudformation/difference.ts';
import type { Stack, StackResource } from '../../cloudformation/stack.ts';
import { AwsFault } from '../../wire/fault.ts';
import { uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { canonical, isSame } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { requireStack } from './stack-actions.ts';

/** How long a detection takes. */
const DETECTION_MINUTES = 0.5;

interface Detection {
  readonly stack: Stack;
  readonly drifts: sdk.StackResourceDrift[];
  status: 'DETECTION_IN_PROGRESS' | 'DETECTION_COMPLETE';
}

const DETECTIONS = new WeakMap<World, Map<string, Detection>>();

function detectionsOf(world: World): Map<string, Detection> {
  const known = DETECTIONS.get(world) ?? new Map<string, Detection>();
  DETECTIONS.set(world, known);
  return known;
}

export const driftActions = {
  DetectStackDrift({ StackName }: sdk.DetectStackDriftInput, world: World): sdk.DetectStackDriftOutput {
    const stack = requireStack(world, StackName!, 'name');
    if (stack.status.endsWith('_IN_PROGRESS')) {
      throw new AwsFault(
        'ValidationError',
        `Drift detection cannot be started while the stack is in ${stack.status}`,
      );
    }
    const id = uuid();
    const detection: Detection = { stack, drifts: [], status: 'DETECTION_IN_PROGRESS' };
    detectionsOf(world).set(id, detection);
    world.clock.after(DETECTION_MINUTES, () => {
      detection.drifts.push(
        ...[...stack.resources.values()].filter(isThere).map((one) => compare(world, stack, one)),
      );
      detection.status = 'DETECTION_COMPLETE';
      const isInSync = detection.drifts.every(
        ({ StackResourceDriftStatus }) => StackResourceDriftStatus === 'IN_SYNC',
      );
      stack.driftStatus = isInSync ? 'IN_SYNC' : 'DRIFTED';
    });
    return { StackDriftDetectionId: id };
  },

  DescribeStackDriftDetectionStatus(
    { StackDriftDetectionId }: sdk.DescribeStackDriftDetectionStatusInput,
    world: World,
  ): sdk.DescribeStackDriftDetectionStatusOutput {
    const detection = detectionsOf(world).get(StackDriftDetectionId!);
    if (detection === undefined) {
      throw new AwsFault('ValidationError', `Drift detection [${StackDriftDetectionId!}] does not exist`);
    }
    const { stack, status, drifts } = detection;
    const drifted = drifts.filter(({ StackResourceDriftStatus }) => StackResourceDriftStatus !== 'IN_SYNC');
    return {
      StackId: stack.id,
      StackDriftDetectionId: StackDriftDetectionId!,
      DetectionStatus: status,
      Timestamp: world.clock.now(),
      ...(status === 'DETECTION_COMPLETE'
        ? {
            StackDriftStatus: drifted.length > 0 ? 'DRIFTED' : 'IN_SYNC',
            DriftedStackResourceCount: drifted.length,
          }
        : {}),
    };
  },

  DescribeStackResourceDrifts(
    { StackName, NextToken, StackResourceDriftStatusFilters }: sdk.DescribeStackResourceDriftsInput,
    world: World,
  ): sdk.DescribeStackResourceDriftsOutput {
    const stack = requireStack(world, StackName!);
    const last = [...detectionsOf(world).values()].filter((one) => one.stack === stack).at(-1);
    const wanted = (last?.drifts ?? []).filter(
      ({ StackResourceDriftStatus }) =>
        StackResourceDriftStatusFilters === undefined ||
        StackResourceDriftStatusFilters.includes(StackResourceDriftStatus!),
    );
    const { items, token } = pageOf(wanted, NextToken, world.settings.pageSize);
    return { StackResourceDrifts: [...items], ...nextToken('NextToken', token) };
  },
};

function compare(world: World, stack: Stack, resource: StackResource): sdk.StackResourceDrift {
  const thing = world.things.find(resource.type, resource.physicalId);
  const common = {
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    Timestamp: world.clock.now(),
  };
  if (thing === undefined || thing.state === 'terminated')
    return { ...common, StackResourceDriftStatus: 'DELETED' };
  const differing = Object.keys(resource.properties).filter(
    (name) => name !== 'Tags' && !isSame(resource.properties[name], thing.properties[name]),
  );
  return {
    ...common,
    StackResourceDriftStatus: differing.length === 0 ? 'IN_SYNC' : 'MODIFIED',
    ExpectedProperties: canonical(resource.properties),
    ActualProperties: canonical(thing.properties),
    PropertyDifferences: differing.map((name) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: canonical(resource.properties[name]),
      ActualValue: thing.properties[name] === undefined ? 'null' : canonical(thing.properties[name]),
      DifferenceType: thing.properties[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
    })),
  };
}
