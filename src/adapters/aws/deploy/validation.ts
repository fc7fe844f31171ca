import * as sdk from '@aws-sdk/client-cloudformation';
import type { EarlyFinding, EarlyValidation } from '../../../stacks/ports/deploy/validation.ts';
import type { SdkSettings } from '../sdk.ts';

/** CloudFormation's newer events API, which alone tells what early validation found. */
export function openEarlyValidation(settings: SdkSettings): EarlyValidation & { close(): void } {
  const client = new sdk.CloudFormationClient(settings);
  return {
    findings: async (changeSetId) => {
      const findings: EarlyFinding[] = [];
      let NextToken: string | undefined;
      try {
        do {
          const page: sdk.DescribeEventsCommandOutput = await client.send(
            new sdk.DescribeEventsCommand({
              ChangeSetName: changeSetId,
              Filters: { FailedEvents: true },
              NextToken,
            }),
          );
          findings.push(...(page.OperationEvents ?? []).map(findingOf));
          NextToken = page.NextToken || undefined;
        } while (NextToken !== undefined);
      } catch {
        // Not allowed, or not there in this region: the failure itself is told all the same, with less detail.
        return [];
      }
      return findings;
    },
    close: () => client.destroy(),
  };
}

function findingOf(event: sdk.OperationEvent): EarlyFinding {
  return {
    logicalId: event.LogicalResourceId ?? '',
    type: event.ResourceType ?? '',
    check: event.ValidationName ?? '',
    reason: event.ValidationStatusReason ?? event.ResourceStatusReason ?? '',
  };
}
