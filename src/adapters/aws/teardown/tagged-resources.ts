import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import type { TaggedResource, TaggedResources } from '../../../stacks/ports/leftovers.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, tagsFrom } from '../call.ts';

/** The tagging service through the SDK. It lists EC2's things for up to an hour after they are gone. */
export function openTaggedResources(settings: SdkSettings): TaggedResources & { close(): void } {
  const client = new tagging.ResourceGroupsTaggingAPIClient(settings);
  return {
    find: async (tag, value) => {
      const found: TaggedResource[] = [];
      let PaginationToken: string | undefined;
      do {
        const page = await call('tag:GetResources', () =>
          client.send(
            new tagging.GetResourcesCommand({ TagFilters: [{ Key: tag, Values: [value] }], PaginationToken }),
          ),
        );
        for (const { ResourceARN, Tags } of page.ResourceTagMappingList ?? []) {
          found.push({ arn: ResourceARN!, tags: tagsFrom(Tags) });
        }
        PaginationToken = page.PaginationToken || undefined;
      } while (PaginationToken !== undefined);
      return found;
    },
    close: () => client.destroy(),
  };
}
