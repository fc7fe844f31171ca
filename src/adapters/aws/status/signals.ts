import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as sqs from '@aws-sdk/client-sqs';
import type { AlarmState, Health } from '../../../stacks/ports/health.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, unlessGone } from '../call.ts';

type SignalHealth = Pick<Health, 'alarms' | 'queued'>;

/** CloudWatch takes no more names in one call. */
const NAMES_A_CALL = 100;

/** Waiting, and taken by somebody who has not finished with them. */
const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Alarms and queues. */
export function openSignalHealth(settings: SdkSettings): SignalHealth & { close(): void } {
  const alarms = new cloudwatch.CloudWatchClient(settings);
  const queues = new sqs.SQSClient(settings);
  return {
    alarms: async (names) => {
      const found: AlarmState[] = [];
      for (let start = 0; start < names.length; start += NAMES_A_CALL) {
        const AlarmNames = names.slice(start, start + NAMES_A_CALL);
        const pages = pagesOf((NextToken) =>
          call('cloudwatch:DescribeAlarms', () =>
            alarms.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames, NextToken })),
          ),
        );
        for await (const { MetricAlarms = [] } of pages) found.push(...MetricAlarms.map(alarmOf));
      }
      return found;
    },
    queued: (QueueUrl) =>
      unlessGone('sqs:GetQueueAttributes', null, async () => {
        const { Attributes = {} } = await queues.send(
          new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] }),
        );
        return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
      }),
    close: () => {
      alarms.destroy();
      queues.destroy();
    },
  };
}

function alarmOf(alarm: cloudwatch.MetricAlarm): AlarmState {
  return {
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    since: alarm.StateUpdatedTimestamp ?? null,
    reason: alarm.StateReason ?? '',
  };
}
