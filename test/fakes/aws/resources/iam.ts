import { AwsFault } from '../wire/fault.ts';
import { uuid } from '../world/ids.ts';
import { optionalText, text, texts } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';
import { resourceType } from './resource-type.ts';

export const ROLE = 'AWS::IAM::Role';
export const PROFILE = 'AWS::IAM::InstanceProfile';
const POLICY = 'AWS::IAM::Policy';

const rolesOf = ({ properties }: Thing): string[] => texts(properties, 'Roles');

/** @throws AwsFault NoSuchEntity */
export function requireRole(world: World, name: string): Thing {
  const fault = (): AwsFault =>
    new AwsFault('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  return world.require(ROLE, name, fault);
}

export const role = resourceType({
  type: ROLE,
  actions: 'iam:Role',
  minutes: { create: 0.35 },
  nameProperty: 'RoleName',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'RoleName') ?? draft.generatedName();
    if (world.things.find(ROLE, id) !== undefined) {
      throw new AwsFault('EntityAlreadyExists', `Role with name ${id} already exists.`, 409);
    }
    const arn = world.arn('iam', `role/${id}`, '');
    return world.add({
      type: ROLE,
      id,
      arn,
      properties: draft.properties,
      tags: { ...draft.tags },
      attributes: { Arn: arn, RoleId: `AROA${uuid().replaceAll('-', '').slice(0, 17).toUpperCase()}` },
    });
  },
  remove: (thing, world) => {
    if (world.things.all(PROFILE).some((profile) => rolesOf(profile).includes(thing.id))) {
      throw new AwsFault(
        'DeleteConflict',
        'Cannot delete entity, must remove roles from instance profile first.',
        409,
      );
    }
    if (world.things.all(POLICY).some((policy) => rolesOf(policy).includes(thing.id))) {
      throw new AwsFault('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
    }
    world.things.remove(thing);
  },
});

export const instanceProfile = resourceType({
  type: PROFILE,
  actions: 'iam:InstanceProfile',
  // CloudFormation waits two minutes, until EC2 can see the profile.
  minutes: { create: 2 },
  isTaggable: false,
  nameProperty: 'InstanceProfileName',
  create: (draft, world) => {
    for (const name of texts(draft.properties, 'Roles')) requireRole(world, name);
    const id = optionalText(draft.properties, 'InstanceProfileName') ?? draft.generatedName();
    const arn = world.arn('iam', `instance-profile/${id}`, '');
    return world.add({ type: PROFILE, id, arn, properties: draft.properties, attributes: { Arn: arn } });
  },
});

export const policy = resourceType({
  type: POLICY,
  actions: { create: 'iam:PutRolePolicy', update: 'iam:PutRolePolicy', delete: 'iam:DeleteRolePolicy' },
  isTaggable: false,
  create: (draft, world) => {
    for (const name of rolesOf({ properties: draft.properties } as Thing)) requireRole(world, name);
    return world.add({
      type: POLICY,
      id: draft.generatedName(),
      arn: '',
      properties: draft.properties,
      attributes: { Name: text(draft.properties, 'PolicyName') },
    });
  },
});
