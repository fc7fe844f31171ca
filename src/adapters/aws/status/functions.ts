import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import { fetch } from 'undici';
import type { FunctionState, Health } from '../../../stacks/ports/health.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, unlessGone } from '../call.ts';

type FunctionHealth = Pick<Health, 'lambda' | 'rule' | 'knock'>;

/** Lambda, its schedule, and the ingest door. */
export function openFunctionHealth(settings: SdkSettings): FunctionHealth & { close(): void } {
  const functions = new lambda.LambdaClient(settings);
  const rules = new events.EventBridgeClient(settings);
  return {
    lambda: (name) =>
      unlessGone('lambda:GetFunctionConfiguration', null, async () => {
        const found = await functions.send(
          new lambda.GetFunctionConfigurationCommand({ FunctionName: name }),
        );
        const { ReservedConcurrentExecutions } = await call('lambda:GetFunctionConcurrency', () =>
          functions.send(new lambda.GetFunctionConcurrencyCommand({ FunctionName: name })),
        );
        return stateOf(found, ReservedConcurrentExecutions ?? null);
      }),
    rule: (name) =>
      unlessGone('events:DescribeRule', null, async () => {
        const { State, ScheduleExpression } = await rules.send(
          new events.DescribeRuleCommand({ Name: name }),
        );
        let targets = 0;
        const pages = pagesOf((NextToken) =>
          call('events:ListTargetsByRule', () =>
            rules.send(new events.ListTargetsByRuleCommand({ Rule: name, NextToken })),
          ),
        );
        for await (const { Targets = [] } of pages) targets += Targets.length;
        return { isEnabled: State !== 'DISABLED', schedule: ScheduleExpression ?? '', targets };
      }),
    knock: (url) => knock(url, settings.requestHandler.requestTimeout),
    close: () => {
      functions.destroy();
      rules.destroy();
    },
  };
}

function stateOf(
  found: lambda.GetFunctionConfigurationCommandOutput,
  reservedConcurrency: number | null,
): FunctionState {
  const { State = '', StateReason, LastUpdateStatus = '', LastUpdateStatusReason } = found;
  const reason = State === 'Failed' || State === 'Inactive' ? StateReason : undefined;
  const lastReason = LastUpdateStatus === 'Failed' ? LastUpdateStatusReason : undefined;
  return {
    state: State,
    lastUpdate: LastUpdateStatus,
    reason: reason ?? lastReason ?? '',
    reservedConcurrency,
  };
}

async function knock(url: string, timeoutMs: number): ReturnType<Health['knock']> {
  const startedAt = performance.now();
  const answered = (status: number, text: string): Awaited<ReturnType<Health['knock']>> => ({
    ...{ status, text, ms: Math.round(performance.now() - startedAt) },
  });
  try {
    const answer = await fetch(url, {
      ...{ method: 'POST', body: '', redirect: 'error' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    return answered(answer.status, (await answer.text()).slice(0, 2000));
  } catch (error) {
    const { message, cause } = error as Error;
    return answered(0, cause instanceof Error ? cause.message : message);
  }
}
