import { requireFreeName } from '../resources/bucket.ts';
import { resourceTypeOf } from '../resources/catalog.ts';
import { AwsFault } from '../wire/fault.ts';
import { optionalText } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { scopeOf } from './difference.ts';
import { evaluate, isUnknown } from './template/evaluation.ts';
import type { EarlyFinding, Intent, ResourceChange, Stack } from './stack.ts';
import { validate } from './template/validator.ts';

export const PROPERTIES = 'AWS::EarlyValidation::PropertyValidation';
export const EXISTENCE = 'AWS::EarlyValidation::ResourceExistenceCheck';

/** What CloudFormation finds wrong before anything is touched: bad properties, and names that are taken. */
export function findEarly(
  world: World,
  stack: Stack,
  intent: Intent,
  changes: readonly ResourceChange[],
): EarlyFinding[] {
  const typeOf = (logicalId: string): string => intent.template.Resources[logicalId]?.Type ?? '';
  const bad = validate(intent.template.text, world.region).findings.map(({ logicalId, path, message }) => ({
    validation: PROPERTIES,
    logicalId,
    type: typeOf(logicalId),
    path,
    reason: message,
  }));
  if (bad.length > 0) return bad;
  const scope = scopeOf(world, stack, intent);
  return changes
    .filter(({ action }) => action === 'Add')
    .flatMap(({ logicalId, type }) => {
      const { nameProperty } = resourceTypeOf(type);
      const name =
        nameProperty === null ? undefined : intent.template.Resources[logicalId]!.Properties?.[nameProperty];
      const value = name === undefined ? undefined : evaluate(name, scope);
      if (typeof value !== 'string' || isUnknown(value) || !isTaken(world, type, nameProperty!, value))
        return [];
      const reason = `Resource of type '${type}' with identifier '${value}' already exists.`;
      return [
        {
          validation: EXISTENCE,
          logicalId,
          type,
          path: `/Resources/${logicalId}/Properties/${nameProperty!}`,
          reason,
        },
      ];
    });
}

function isTaken(world: World, type: string, nameProperty: string, name: string): boolean {
  if (type === 'AWS::S3::Bucket') {
    try {
      requireFreeName(world, name);
      return false;
    } catch (error) {
      if (error instanceof AwsFault) return true;
      throw error;
    }
  }
  return world.things
    .all(type)
    .some(({ id, properties }) => id === name || optionalText(properties, nameProperty) === name);
}
