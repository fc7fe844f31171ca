import type * as sdk from '@aws-sdk/client-iam';
import { PROFILE, ROLE, instanceProfile, requireRole, role } from '../../resources/iam.ts';
import { AwsFault } from '../../wire/fault.ts';
import { pageOf } from '../../world/paging.ts';
import { items, text, texts, without } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

interface Paged {
  readonly Marker?: string | undefined;
}

/** One page, in IAM's way of saying whether there are more. */
function page<T>(
  world: World,
  all: readonly T[],
  { Marker }: Paged,
): { found: readonly T[]; more: { IsTruncated: boolean; Marker?: string } } {
  const { items: found, token } = pageOf(all, Marker, world.settings.pageSize);
  return {
    found,
    more: { IsTruncated: token !== undefined, ...(token === undefined ? {} : { Marker: token }) },
  };
}

const tagsOf = ({ tags }: Thing): sdk.Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const roleShape = (thing: Thing): sdk.Role => ({
  RoleName: thing.id,
  RoleId: text(thing.attributes, 'RoleId'),
  Arn: thing.arn,
  Path: '/',
  CreateDate: thing.createdAt,
  AssumeRolePolicyDocument: encodeURIComponent(
    JSON.stringify(thing.properties['AssumeRolePolicyDocument'] ?? {}),
  ),
  Tags: tagsOf(thing),
});

/** Policies of a role's own, those of `AWS::IAM::Policy` included. */
function inlinePoliciesOf(world: World, { id, properties }: Thing): string[] {
  const apart = world.things
    .all('AWS::IAM::Policy')
    .filter((policy) => texts(policy.properties, 'Roles').includes(id));
  return [...items(properties, 'Policies'), ...apart.map((policy) => policy.properties)].map((one) =>
    text(one, 'PolicyName'),
  );
}

function requireProfile(world: World, name: string): Thing {
  return world.require(
    PROFILE,
    name,
    () => new AwsFault('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404),
  );
}

const profileShape = (world: World, thing: Thing): sdk.InstanceProfile => ({
  InstanceProfileName: thing.id,
  InstanceProfileId: `AIPA${thing.id.slice(0, 12).toUpperCase()}`,
  Arn: thing.arn,
  Path: '/',
  CreateDate: thing.createdAt,
  Roles: texts(thing.properties, 'Roles')
    .flatMap((name) => world.things.find(ROLE, name) ?? [])
    .map(roleShape),
});

const roleActions = {
  GetRole: ({ RoleName }: sdk.GetRoleRequest, world: World): sdk.GetRoleResponse => ({
    Role: roleShape(requireRole(world, RoleName!)),
  }),

  ListRoles(input: sdk.ListRolesRequest, world: World): sdk.ListRolesResponse {
    const { found, more } = page(world, world.things.all(ROLE), input);
    // The listing shows no tags.
    return { Roles: found.map(roleShape).map((one) => without(one, 'Tags')), ...more };
  },

  ListRoleTags(input: sdk.ListRoleTagsRequest, world: World): sdk.ListRoleTagsResponse {
    const { found, more } = page(world, tagsOf(requireRole(world, input.RoleName!)), input);
    return { Tags: [...found], ...more };
  },

  ListRolePolicies(input: sdk.ListRolePoliciesRequest, world: World): sdk.ListRolePoliciesResponse {
    const { found, more } = page(world, inlinePoliciesOf(world, requireRole(world, input.RoleName!)), input);
    return { PolicyNames: [...found], ...more };
  },

  DeleteRolePolicy({ RoleName, PolicyName }: sdk.DeleteRolePolicyRequest, world: World): void {
    const thing = requireRole(world, RoleName!);
    change(thing, {
      Policies: items(thing.properties, 'Policies').filter((one) => text(one, 'PolicyName') !== PolicyName),
    });
    for (const policy of world.using('AWS::IAM::Policy', 'PolicyName', PolicyName!))
      world.things.remove(policy);
  },

  ListAttachedRolePolicies(
    input: sdk.ListAttachedRolePoliciesRequest,
    world: World,
  ): sdk.ListAttachedRolePoliciesResponse {
    const arns = texts(requireRole(world, input.RoleName!).properties, 'ManagedPolicyArns');
    const { found, more } = page(world, arns, input);
    return {
      AttachedPolicies: found.map((PolicyArn) => ({ PolicyArn, PolicyName: PolicyArn.split('/').at(-1)! })),
      ...more,
    };
  },

  DetachRolePolicy({ RoleName, PolicyArn }: sdk.DetachRolePolicyRequest, world: World): void {
    const thing = requireRole(world, RoleName!);
    change(thing, {
      ManagedPolicyArns: texts(thing.properties, 'ManagedPolicyArns').filter((arn) => arn !== PolicyArn),
    });
  },

  DeleteRole({ RoleName }: sdk.DeleteRoleRequest, world: World): void {
    const thing = requireRole(world, RoleName!);
    if (inlinePoliciesOf(world, thing).length > 0) {
      throw new AwsFault('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
    }
    if (texts(thing.properties, 'ManagedPolicyArns').length > 0) {
      throw new AwsFault('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
    }
    role.remove(thing, world);
  },
};

const profileActions = {
  ListInstanceProfiles(
    input: sdk.ListInstanceProfilesRequest,
    world: World,
  ): sdk.ListInstanceProfilesResponse {
    const { found, more } = page(world, world.things.all(PROFILE), input);
    return { InstanceProfiles: found.map((thing) => profileShape(world, thing)), ...more };
  },

  ListInstanceProfilesForRole(
    input: sdk.ListInstanceProfilesForRoleRequest,
    world: World,
  ): sdk.ListInstanceProfilesForRoleResponse {
    const ofRole = world.things
      .all(PROFILE)
      .filter(({ properties }) => texts(properties, 'Roles').includes(input.RoleName!));
    const { found, more } = page(world, ofRole, input);
    return { InstanceProfiles: found.map((thing) => profileShape(world, thing)), ...more };
  },

  GetInstanceProfile: (
    { InstanceProfileName }: sdk.GetInstanceProfileRequest,
    world: World,
  ): sdk.GetInstanceProfileResponse => ({
    InstanceProfile: profileShape(world, requireProfile(world, InstanceProfileName!)),
  }),

  RemoveRoleFromInstanceProfile(
    { InstanceProfileName, RoleName }: sdk.RemoveRoleFromInstanceProfileRequest,
    world: World,
  ): void {
    const thing = requireProfile(world, InstanceProfileName!);
    change(thing, { Roles: texts(thing.properties, 'Roles').filter((name) => name !== RoleName) });
  },

  DeleteInstanceProfile({ InstanceProfileName }: sdk.DeleteInstanceProfileRequest, world: World): void {
    const thing = requireProfile(world, InstanceProfileName!);
    if (texts(thing.properties, 'Roles').length > 0) {
      throw new AwsFault(
        'DeleteConflict',
        'Cannot delete entity, must remove roles from instance profile first.',
        409,
      );
    }
    instanceProfile.remove(thing, world);
  },
};

const policyActions = {
  /** Everything is allowed but what the test has denied. */
  SimulatePrincipalPolicy(
    input: sdk.SimulatePrincipalPolicyRequest,
    world: World,
  ): sdk.SimulatePolicyResponse {
    const { found, more } = page(world, input.ActionNames ?? [], input);
    return {
      EvaluationResults: found.map((EvalActionName) => ({
        EvalActionName,
        EvalResourceName: input.ResourceArns?.[0] ?? '*',
        EvalDecision: world.script.isDenied(EvalActionName) ? 'implicitDeny' : 'allowed',
      })),
      ...more,
    };
  },
};

export const iam: Service = {
  name: 'iam',
  signingName: 'iam',
  protocol: 'query',
  isGlobal: true,
  xmlns: 'https://iam.amazonaws.com/doc/2010-05-08/',
  client: () => import('@aws-sdk/client-iam'),
  actions: { ...roleActions, ...profileActions, ...policyActions },
};
