import * as sdk from '@aws-sdk/client-cloudformation';
import type { DeletedStack, StackHistory } from '../../../stacks/ports/leftovers.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf } from '../call.ts';

/** The stacks that CloudFormation remembers, for 90 days after their end. */
export function openStackHistory(settings: SdkSettings): StackHistory & { close(): void } {
  const client = new sdk.CloudFormationClient(settings);
  return {
    deletedStacks: async (prefix) => {
      const found: DeletedStack[] = [];
      const pages = pagesOf((NextToken) =>
        call('cloudformation:ListStacks', () =>
          client.send(new sdk.ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'], NextToken })),
        ),
      );
      for await (const { StackSummaries } of pages) {
        for (const { StackName, StackId, DeletionTime } of StackSummaries ?? []) {
          if (StackName?.startsWith(prefix) !== true) continue;
          found.push({ name: StackName, id: StackId!, deletedAt: DeletionTime ?? null });
        }
      }
      return found;
    },
    close: () => client.destroy(),
  };
}
