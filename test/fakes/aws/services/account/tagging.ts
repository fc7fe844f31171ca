import type * as sdk from '@aws-sdk/client-resource-groups-tagging-api';
import { pageOf } from '../../world/paging.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

/** The tagging API leaves roles out, whatever tags they carry. */
const UNLISTED = new Set(['AWS::IAM::Role', 'AWS::IAM::InstanceProfile']);

function fits({ arn, tags }: Thing, filters: readonly sdk.TagFilter[], types: readonly string[]): boolean {
  const [, , service = '', , , ...rest] = arn.split(':');
  const kind = `${service}:${rest.join(':').split(/[/:]/)[0] ?? ''}`;
  return (
    filters.every(({ Key, Values = [] }) => {
      const value = tags[Key!];
      return value !== undefined && (Values.length === 0 || Values.includes(value));
    }) &&
    (types.length === 0 || types.some((type) => type === service || type === kind))
  );
}

export const tagging: Service = {
  name: 'tag',
  signingName: 'tagging',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-resource-groups-tagging-api'),
  actions: {
    /** Also shows servers that are terminated, and for a while what is gone. */
    GetResources(input: sdk.GetResourcesInput, world: World): sdk.GetResourcesOutput {
      const known = [...world.things.everything(), ...world.things.ghosts(world.settings.tagLag)].filter(
        ({ arn, tags, type }) => arn !== '' && !UNLISTED.has(type) && Object.keys(tags).length > 0,
      );
      const wanted = known.filter((thing) =>
        fits(thing, input.TagFilters ?? [], input.ResourceTypeFilters ?? []),
      );
      // An empty token is how this service begins and ends.
      const { items, token } = pageOf(wanted, input.PaginationToken || undefined, world.settings.pageSize);
      return {
        PaginationToken: token ?? '',
        ResourceTagMappingList: items.map(({ arn, tags }) => ({
          ResourceARN: arn.replace(/:\*$/, ''),
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },
  },
};
