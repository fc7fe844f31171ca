import type { Properties } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { deleteStack, removeAll } from './deletion.ts';
import { activeResources, isThere, outputsOf, scopeOf } from './difference.ts';
import { evaluate } from './template/evaluation.ts';
import { create } from './resource-work.ts';
import { type Intent, type Stack, type StackResource, setStackStatus } from './stack.ts';
import { type Step, runSteps } from './steps.ts';
import { dependenciesOf } from './template/template.ts';

/** @param onFailure `ROLLBACK`, `DELETE` or `DO_NOTHING` */
export function createStack(world: World, stack: Stack, intent: Intent, onFailure: string): void {
  stack.intent = intent;
  setStackStatus(world, stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  const active = activeResources(intent, scopeOf(world, stack, intent));
  const steps = active.map((logicalId): Step => {
    const resource = newResource(world, intent, logicalId);
    return {
      id: logicalId,
      needs: resource.dependsOn,
      begin: (finish) => {
        stack.resources.set(logicalId, resource);
        return create(
          { world, stack, intent, resource, finish },
          () => propertiesOf(world, stack, intent, logicalId),
          'CREATE',
        );
      },
    };
  });
  stack.interrupt = runSteps({
    steps,
    goesOn: false,
    onDone: (failed) => {
      stack.interrupt = null;
      if (failed.length > 0) return fail(world, stack, failed, onFailure);
      stack.outputs = outputsOf(world, stack, intent);
      setStackStatus(world, stack, 'CREATE_COMPLETE');
    },
  });
}

function fail(world: World, stack: Stack, failed: readonly string[], onFailure: string): void {
  const reason = `The following resource(s) failed to create: [${failed.join(', ')}]. `;
  if (onFailure === 'DO_NOTHING') return setStackStatus(world, stack, 'CREATE_FAILED', reason);
  if (onFailure === 'DELETE') return deleteStack(world, stack, []);
  setStackStatus(world, stack, 'ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
  rollBack(world, stack);
}

/** Takes a failed creation back; what the template retains stays, except where it says "except on create". */
export function rollBack(world: World, stack: Stack): void {
  const removals = [...stack.resources.values()]
    .filter((resource) => isThere(resource) || resource.physicalId === '')
    .map((resource) => ({ resource, policy: resource.deletionPolicy === 'Retain' ? 'Retain' : 'Delete' }));
  removeAll(world, stack, removals, (failed) => {
    if (failed.length === 0) return setStackStatus(world, stack, 'ROLLBACK_COMPLETE');
    setStackStatus(
      world,
      stack,
      'ROLLBACK_FAILED',
      `The following resource(s) failed to delete: [${failed.join(', ')}]. `,
    );
  });
}

export function newResource(world: World, { template }: Intent, logicalId: string): StackResource {
  const definition = template.Resources[logicalId]!;
  return {
    logicalId,
    type: definition.Type,
    physicalId: '',
    status: '',
    reason: '',
    at: world.clock.now(),
    properties: {},
    attributes: {},
    metadata: definition.Metadata,
    deletionPolicy: definition.DeletionPolicy ?? 'Delete',
    updateReplacePolicy: definition.UpdateReplacePolicy ?? 'Delete',
    dependsOn: dependenciesOf(template, logicalId),
  };
}

export function propertiesOf(world: World, stack: Stack, intent: Intent, logicalId: string): Properties {
  const { Properties: written = {} } = intent.template.Resources[logicalId]!;
  return (evaluate(written, scopeOf(world, stack, intent)) ?? {}) as Properties;
}
