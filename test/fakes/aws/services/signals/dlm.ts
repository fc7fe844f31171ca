import type * as sdk from '@aws-sdk/client-dlm';
import { LIFECYCLE } from '../../resources/operations.ts';
import { AwsFault } from '../../wire/fault.ts';
import { items, nested, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

type Named = { readonly PolicyId: string };

function requirePolicy(world: World, id: string): Thing {
  return world.require(
    LIFECYCLE,
    id,
    () => new AwsFault('ResourceNotFoundException', `No policy with id ${id}`, 404),
  );
}

const targetTags = ({ properties }: Thing): string[] =>
  items(nested(properties, 'PolicyDetails'), 'TargetTags').map(
    (tag) => `${text(tag, 'Key')}=${text(tag, 'Value')}`,
  );

export const dlm: Service = {
  name: 'dlm',
  signingName: 'dlm',
  protocol: 'rest-json',
  xmlns: '',
  client: () => import('@aws-sdk/client-dlm'),
  actions: {
    /** The service has no pages. */
    GetLifecyclePolicies(
      input: sdk.GetLifecyclePoliciesRequest,
      world: World,
    ): sdk.GetLifecyclePoliciesResponse {
      const found = world.things
        .all(LIFECYCLE)
        .filter(({ id }) => input.PolicyIds?.includes(id) ?? true)
        .filter((thing) => input.TargetTags?.every((tag) => targetTags(thing).includes(tag)) ?? true);
      return {
        Policies: found.map(({ id, properties, tags }) => ({
          PolicyId: id,
          Description: text(properties, 'Description'),
          State: text(properties, 'State') as sdk.GettablePolicyStateValues,
          Tags: { ...tags },
          PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
        })),
      };
    },
    GetLifecyclePolicy({ PolicyId }: Named, world: World): sdk.GetLifecyclePolicyResponse {
      const { id, arn, properties, tags } = requirePolicy(world, PolicyId);
      const State = text(properties, 'State') as sdk.GettablePolicyStateValues;
      return { Policy: { PolicyId: id, PolicyArn: arn, State, Tags: { ...tags } } };
    },
    UpdateLifecyclePolicy({ PolicyId, State }: Named & { State?: string }, world: World): object {
      change(requirePolicy(world, PolicyId), { State });
      return {};
    },
    DeleteLifecyclePolicy({ PolicyId }: Named, world: World): object {
      world.things.remove(requirePolicy(world, PolicyId));
      return {};
    },
  },
};
