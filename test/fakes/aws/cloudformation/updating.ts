import { resourceTypeOf } from '../resources/catalog.ts';
import { AwsFault } from '../wire/fault.ts';
import { type Properties, isSame } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { newResource, propertiesOf } from './creation.ts';
import { type Removal, removeAll } from './deletion.ts';
import { activeResources, differenceOf, isThere, outputsOf, scopeOf } from './difference.ts';
import { create, update } from './resource-work.ts';
import {
  type Intent,
  type Stack,
  type StackResource,
  type Undo,
  setResourceStatus,
  setStackStatus,
} from './stack.ts';
import { type Step, runSteps } from './steps.ts';
import { dependenciesOf } from './template/template.ts';

export function updateStack(world: World, stack: Stack, intent: Intent): void {
  stack.previous = stack.intent;
  stack.undo = [];
  stack.updatedAt = world.clock.now();
  setStackStatus(world, stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  const active = activeResources(intent, scopeOf(world, stack, intent));
  const superseded: Removal[] = [];
  const steps = active.map((logicalId): Step => ({
    id: logicalId,
    needs: dependenciesOf(intent.template, logicalId),
    begin: (finish) => change(world, stack, intent, logicalId, superseded, finish),
  }));
  const stop = runSteps({
    steps,
    goesOn: false,
    onDone: (failed) => {
      stack.interrupt = null;
      if (failed.length > 0) {
        return rollBackUpdate(
          world,
          stack,
          `The following resource(s) failed to update: [${failed.join(', ')}]. `,
        );
      }
      stack.intent = intent;
      stack.previous = null;
      stack.outputs = outputsOf(world, stack, intent);
      const dropped = [...stack.resources.values()].filter(
        (one) => !active.includes(one.logicalId) && isThere(one),
      );
      const removals = [
        ...superseded,
        ...dropped.map((resource) => ({ resource, policy: resource.deletionPolicy })),
      ];
      cleanUp(world, stack, removals, 'UPDATE_COMPLETE');
    },
  });
  if (stack.status === 'UPDATE_IN_PROGRESS') stack.interrupt = stop;
}

/** Makes, changes or replaces one resource, or leaves it alone. */
function change(
  world: World,
  stack: Stack,
  intent: Intent,
  logicalId: string,
  superseded: Removal[],
  finish: (fault: AwsFault | null) => void,
): () => void {
  const before = stack.resources.get(logicalId);
  const fresh = newResource(world, intent, logicalId);
  const evaluate = () => propertiesOf(world, stack, intent, logicalId);
  const remember = (undo: Undo): void => {
    stack.undo = [...stack.undo, undo];
  };
  if (before === undefined || !isThere(before)) {
    remember({ logicalId, before: null });
    stack.resources.set(logicalId, fresh);
    return create({ world, stack, intent, resource: fresh, finish }, evaluate, 'CREATE');
  }
  const properties = evaluate();
  const difference = differenceOf(stack, before, intent, properties, world.region);
  const { metadata, deletionPolicy, updateReplacePolicy, dependsOn } = fresh;
  const definition = { metadata, deletionPolicy, updateReplacePolicy, dependsOn };
  if (difference === null || difference.causes.every(({ attribute }) => attribute === 'Metadata')) {
    stack.resources.set(logicalId, { ...before, ...definition });
    finish(null);
    return () => undefined;
  }
  if (difference.replacement !== 'False' && keepsItsName(before, properties)) {
    setResourceStatus(
      world,
      stack,
      before,
      'UPDATE_FAILED',
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${before.physicalId} and update the stack again.`,
    );
    finish(new AwsFault('ValidationError', 'custom-named'));
    return () => undefined;
  }
  remember({ logicalId, before: { ...before } });
  if (difference.replacement === 'False') {
    const resource = { ...before, ...definition };
    stack.resources.set(logicalId, resource);
    return update({ world, stack, intent, resource, finish }, properties);
  }
  stack.resources.set(logicalId, fresh);
  superseded.push({ resource: { ...before }, policy: updateReplacePolicy });
  return create({ world, stack, intent, resource: fresh, finish }, evaluate, 'UPDATE');
}

function keepsItsName({ type, properties: old }: StackResource, properties: Properties): boolean {
  const { nameProperty } = resourceTypeOf(type);
  return (
    nameProperty !== null &&
    old[nameProperty] !== undefined &&
    isSame(old[nameProperty], properties[nameProperty])
  );
}

function cleanUp(
  world: World,
  stack: Stack,
  removals: readonly Removal[],
  status: 'UPDATE_COMPLETE' | 'UPDATE_ROLLBACK_COMPLETE',
): void {
  setStackStatus(world, stack, `${status}_CLEANUP_IN_PROGRESS`);
  const leftovers = stack.leftovers.map((resource) => ({ resource, policy: 'Delete' }));
  removeAll(world, stack, [...removals, ...leftovers], (failed) => {
    stack.undo = [];
    stack.leftovers = [];
    stack.previous = null;
    const reason =
      failed.length === 0 ? '' : 'Update successful. One or more resources could not be deleted.';
    setStackStatus(world, stack, status, reason);
  });
}

/** @param skip logical ids that are left as they are; for ContinueUpdateRollback */
export function rollBackUpdate(
  world: World,
  stack: Stack,
  reason: string,
  skip: readonly string[] = [],
): void {
  stack.interrupt?.();
  stack.interrupt = null;
  setStackStatus(world, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  const wanted = stack.undo.filter(({ logicalId }) => !skip.includes(logicalId));
  const removals: Removal[] = [];
  const steps: Step[] = [];
  for (const { logicalId, before } of wanted.toReversed()) {
    const now = stack.resources.get(logicalId)!;
    if (before === null) {
      removals.push({ resource: now, policy: 'Delete' });
      continue;
    }
    if (now.physicalId !== before.physicalId) {
      if (now.physicalId !== '') stack.leftovers = [...stack.leftovers, { ...now }];
      stack.resources.set(logicalId, { ...before });
      continue;
    }
    const resource: StackResource = { ...before, physicalId: before.physicalId, status: now.status };
    stack.resources.set(logicalId, resource);
    steps.push({
      id: logicalId,
      needs: [],
      begin: (finish) =>
        update({ world, stack, intent: stack.previous ?? stack.intent, resource, finish }, before.properties),
    });
  }
  stack.interrupt = runSteps({
    steps,
    goesOn: true,
    onDone: (failed) => {
      stack.interrupt = null;
      if (failed.length === 0) return cleanUp(world, stack, removals, 'UPDATE_ROLLBACK_COMPLETE');
      stack.undo = stack.undo.filter(
        ({ logicalId, before }) => before === null || failed.includes(logicalId),
      );
      setStackStatus(
        world,
        stack,
        'UPDATE_ROLLBACK_FAILED',
        `The following resource(s) failed to update: [${failed.join(', ')}]. `,
      );
    },
  });
}
