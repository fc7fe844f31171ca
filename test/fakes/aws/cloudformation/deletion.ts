import type { World } from '../world/world.ts';
import { isThere } from './difference.ts';
import { remove } from './resource-work.ts';
import { type Stack, type StackResource, setStackStatus } from './stack.ts';
import { type Step, runSteps } from './steps.ts';

/** What to delete, each with what becomes of the thing. */
export interface Removal {
  readonly resource: StackResource;
  readonly policy: string;
}

/** Deletes resources, each before what it needs. @param onDone gets the logical ids that could not be deleted */
export function removeAll(
  world: World,
  stack: Stack,
  removals: readonly Removal[],
  onDone: (failed: readonly string[]) => void,
): void {
  // An old thing and its replacement have one logical id.
  const idOf = ({ logicalId, physicalId }: StackResource): string => `${logicalId} ${physicalId}`;
  const steps: Step[] = removals
    .map(({ resource, policy }) => ({
      id: idOf(resource),
      needs: removals
        .filter((other) => other.resource.dependsOn.includes(resource.logicalId))
        .map((other) => idOf(other.resource)),
      begin: (finish: Parameters<Step['begin']>[0]) =>
        remove({ world, stack, intent: stack.intent, resource, finish }, policy),
    }))
    .reverse();
  stack.interrupt = runSteps({
    steps,
    goesOn: true,
    onDone: (failed) => {
      stack.interrupt = null;
      onDone(
        removals
          .filter(({ resource }) => failed.includes(idOf(resource)))
          .map(({ resource }) => resource.logicalId),
      );
    },
  });
}

/** @param retain logical ids to leave behind */
export function deleteStack(world: World, stack: Stack, retain: readonly string[]): void {
  stack.interrupt?.();
  stack.interrupt = null;
  setStackStatus(world, stack, 'DELETE_IN_PROGRESS', 'User Initiated');
  const removals = [...stack.resources.values()].filter(isThere).map((resource) => ({
    resource,
    policy: retain.includes(resource.logicalId) ? 'Retain' : resource.deletionPolicy,
  }));
  const leftovers = stack.leftovers.map((resource) => ({ resource, policy: 'Delete' }));
  removeAll(world, stack, [...removals, ...leftovers], (failed) => {
    if (failed.length > 0) {
      setStackStatus(
        world,
        stack,
        'DELETE_FAILED',
        `The following resource(s) failed to delete: [${failed.join(', ')}]. `,
      );
      return;
    }
    stack.deletedAt = world.clock.now();
    setStackStatus(world, stack, 'DELETE_COMPLETE');
  });
}
