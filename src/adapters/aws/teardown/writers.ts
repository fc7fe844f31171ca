import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import { SbwError } from '../../../errors.ts';
import type { FunctionDescription, Writers } from '../../../stacks/ports/writers.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, unlessGone } from '../call.ts';

/** EventBridge takes no more targets in one call. */
const TARGETS_A_CALL = 100;

/** Lambda and EventBridge through the SDK. */
export function openWriters(settings: SdkSettings): Writers & { close(): void } {
  const functions = new lambda.LambdaClient(settings);
  const rules = new events.EventBridgeClient(settings);
  return {
    describeFunction: (name) =>
      unlessGone('lambda:GetFunctionConfiguration', null, async () =>
        describe(await functions.send(new lambda.GetFunctionConfigurationCommand({ FunctionName: name }))),
      ),
    stopInvocations: (name) =>
      unlessGone('lambda:PutFunctionConcurrency', undefined, async () => {
        await functions.send(
          new lambda.PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }),
        );
      }),
    leaveNetwork: (name) =>
      unlessGone('lambda:UpdateFunctionConfiguration', undefined, async () => {
        await functions.send(
          new lambda.UpdateFunctionConfigurationCommand({
            FunctionName: name,
            VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
          }),
        );
      }),
    describeRule: (name) =>
      unlessGone('events:DescribeRule', null, async () => {
        const { State } = await rules.send(new events.DescribeRuleCommand({ Name: name }));
        const targetIds: string[] = [];
        const pages = pagesOf((NextToken) =>
          call('events:ListTargetsByRule', () =>
            rules.send(new events.ListTargetsByRuleCommand({ Rule: name, NextToken })),
          ),
        );
        for await (const { Targets } of pages) targetIds.push(...(Targets ?? []).map(({ Id }) => Id!));
        return { name, isEnabled: State !== 'DISABLED', targetIds };
      }),
    disableRule: (name) =>
      unlessGone('events:DisableRule', undefined, async () => {
        await rules.send(new events.DisableRuleCommand({ Name: name }));
      }),
    removeTargets: (name, targetIds) => removeTargets(rules, name, targetIds),
    close: () => {
      functions.destroy();
      rules.destroy();
    },
  };
}

function describe(found: lambda.GetFunctionConfigurationCommandOutput): FunctionDescription {
  return {
    name: found.FunctionName!,
    subnetIds: found.VpcConfig?.SubnetIds ?? [],
    securityGroupIds: found.VpcConfig?.SecurityGroupIds ?? [],
    isUpdating: found.State === 'Pending' || found.LastUpdateStatus === 'InProgress',
    updateProblem:
      found.LastUpdateStatus === 'Failed' ? (found.LastUpdateStatusReason ?? 'no reason given') : '',
  };
}

async function removeTargets(
  rules: events.EventBridgeClient,
  name: string,
  targetIds: readonly string[],
): Promise<void> {
  for (let start = 0; start < targetIds.length; start += TARGETS_A_CALL) {
    const Ids = targetIds.slice(start, start + TARGETS_A_CALL);
    const answer = await unlessGone('events:RemoveTargets', null, () =>
      rules.send(new events.RemoveTargetsCommand({ Rule: name, Ids })),
    );
    const [failed] = answer?.FailedEntries ?? [];
    if (failed === undefined) continue;
    throw new SbwError(
      'AWS_CALL_FAILED',
      `events:RemoveTargets left ${failed.TargetId} of ${name}: ${failed.ErrorCode}: ${failed.ErrorMessage}`,
    );
  }
}
