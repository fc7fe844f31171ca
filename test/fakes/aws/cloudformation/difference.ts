import { resourceTypeOf } from '../resources/catalog.ts';
import { canonical, isSame, type Properties } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { type Scope, evaluate, isConditionTrue, isUnknown } from './template/evaluation.ts';
import type { Intent, ResourceChange, Stack, StackResource } from './stack.ts';
import { dependencyOrder } from './template/template.ts';
import { validate } from './template/validator.ts';

/** Names get their values from what the stack has now. */
export function scopeOf(
  world: World,
  stack: Stack,
  intent: Intent,
  hides: (logicalId: string) => boolean = () => false,
): Scope {
  return {
    world,
    template: intent.template,
    parameters: intent.parameters,
    stackName: stack.name,
    stackId: stack.id,
    resource: (logicalId) => {
      const found = stack.resources.get(logicalId);
      if (found === undefined || hides(logicalId) || !isThere(found)) return null;
      const thing = world.things.find(found.type, found.physicalId) ?? found;
      // Some attributes are properties at the same time; that a name is an attribute at all, the validator minds.
      return { physicalId: found.physicalId, attributes: { ...thing.properties, ...thing.attributes } };
    },
  };
}

/** Whether the stack holds it, whatever became of the thing itself. */
export function isThere({ status, physicalId }: StackResource): boolean {
  return physicalId !== '' && status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED';
}

/** Logical ids whose condition holds, each behind what it needs. */
export function activeResources({ template }: Intent, scope: Scope): string[] {
  return dependencyOrder(template).filter((logicalId) => {
    const { Condition } = template.Resources[logicalId]!;
    return Condition === undefined || isConditionTrue(Condition, scope);
  });
}

export interface Difference {
  readonly causes: ResourceChange['causes'];
  readonly replacement: ResourceChange['replacement'];
}

/** How a resource would differ; null when it would not. */
export function differenceOf(
  stack: Stack,
  resource: StackResource,
  intent: Intent,
  properties: Properties,
  region: string,
): Difference | null {
  const definition = intent.template.Resources[resource.logicalId]!;
  if (definition.Type !== resource.type) {
    return { replacement: 'True', causes: [{ attribute: 'Properties', name: 'Type', recreation: 'Always' }] };
  }
  const before = stack.previous ?? stack.intent;
  const createOnly = [before, intent].map(({ template }) => validate(template.text, region).createOnly);
  const names = [...new Set([...Object.keys(properties), ...Object.keys(resource.properties)])];
  const causes: ResourceChange['causes'][number][] = names
    .filter((name) => !isSame(properties[name], resource.properties[name]))
    .map((name) => {
      const isCreateOnly = createOnly.some((set) => set.has(`${resource.logicalId}.${name}`));
      const recreation = !isCreateOnly ? 'Never' : isUnknown(properties[name]) ? 'Conditionally' : 'Always';
      return name === 'Tags'
        ? { attribute: 'Tags', name: '', recreation: 'Never' }
        : { attribute: 'Properties', name, recreation };
    });
  const areTagsNew =
    canonical(intent.tags) !== canonical(before.tags) && resourceTypeOf(resource.type).isTaggable;
  if (areTagsNew && causes.every(({ attribute }) => attribute !== 'Tags')) {
    causes.push({ attribute: 'Tags', name: '', recreation: 'Never' });
  }
  if (!isSame(definition.Metadata, resource.metadata)) {
    causes.push({ attribute: 'Metadata', name: '', recreation: 'Never' });
  }
  if (causes.length === 0) return null;
  const has = (recreation: string): boolean => causes.some((cause) => cause.recreation === recreation);
  return { causes, replacement: has('Always') ? 'True' : has('Conditionally') ? 'Conditional' : 'False' };
}

/** What a change set lists. */
export function changesOf(world: World, stack: Stack, intent: Intent): ResourceChange[] {
  const replaced = new Set<string>();
  const scope = scopeOf(world, stack, intent, (logicalId) => replaced.has(logicalId));
  const active = activeResources(intent, scope);
  const changes: ResourceChange[] = [];
  for (const logicalId of active) {
    const definition = intent.template.Resources[logicalId]!;
    const resource = stack.resources.get(logicalId);
    const common = { logicalId, type: definition.Type };
    if (resource === undefined || !isThere(resource)) {
      changes.push({
        ...common,
        action: 'Add',
        physicalId: '',
        replacement: 'False',
        causes: [],
        policyAction: '',
      });
      continue;
    }
    const properties = (evaluate(definition.Properties ?? {}, scope) ?? {}) as Properties;
    const difference = differenceOf(stack, resource, intent, properties, world.region);
    if (difference === null) continue;
    const isReplaced = difference.replacement !== 'False';
    if (isReplaced) replaced.add(logicalId);
    const policy = definition.UpdateReplacePolicy ?? 'Delete';
    const { physicalId } = resource;
    changes.push({
      ...common,
      ...difference,
      action: 'Modify',
      physicalId,
      policyAction: isReplaced ? `ReplaceAnd${policy}` : '',
    });
  }
  for (const resource of stack.resources.values()) {
    if (active.includes(resource.logicalId) || !isThere(resource)) continue;
    const { logicalId, physicalId, type, deletionPolicy } = resource;
    const policyAction = deletionPolicy === 'RetainExceptOnCreate' ? 'Retain' : deletionPolicy;
    changes.push({
      action: 'Remove',
      logicalId,
      physicalId,
      type,
      replacement: 'False',
      causes: [],
      policyAction,
    });
  }
  return changes;
}

export function outputsOf(world: World, stack: Stack, intent: Intent): Record<string, string> {
  const scope = scopeOf(world, stack, intent);
  return Object.fromEntries(
    Object.entries(intent.template.Outputs)
      .filter(([, { Condition }]) => Condition === undefined || isConditionTrue(Condition, scope))
      .map(([name, { Value }]) => [name, String(evaluate(Value, scope) as string)]),
  );
}
