import type * as sdk from '@aws-sdk/client-cloudwatch';
import { ALARM } from '../../resources/observability.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { optionalText, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

function alarmShape({ id, arn, properties, state }: Thing): sdk.MetricAlarm {
  const metric = optionalText(properties, 'MetricName');
  const namespace = optionalText(properties, 'Namespace');
  return {
    AlarmName: id,
    AlarmArn: arn,
    StateValue: state as sdk.StateValue,
    StateReason: 'Unchecked: Initial alarm creation',
    AlarmActions: texts(properties, 'AlarmActions'),
    ...(metric === undefined ? {} : { MetricName: metric }),
    ...(namespace === undefined ? {} : { Namespace: namespace }),
  };
}

export const cloudWatch: Service = {
  name: 'cloudwatch',
  signingName: 'monitoring',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-cloudwatch'),
  actions: {
    DescribeAlarms(input: sdk.DescribeAlarmsInput, world: World): sdk.DescribeAlarmsOutput {
      const all = world.things
        .all(ALARM)
        .filter(({ id }) => id.startsWith(input.AlarmNamePrefix ?? ''))
        .filter(({ id }) => input.AlarmNames?.includes(id) ?? true)
        .filter(({ state }) => (input.StateValue ?? state) === state);
      const { items, token } = pageOf(all, input.NextToken, world.settings.pageSize);
      return { MetricAlarms: items.map(alarmShape), CompositeAlarms: [], ...nextToken('NextToken', token) };
    },
    DeleteAlarms({ AlarmNames = [] }: sdk.DeleteAlarmsInput, world: World): void {
      const missing = AlarmNames.find((name) => world.things.find(ALARM, name) === undefined);
      if (missing !== undefined)
        throw new AwsFault('ResourceNotFound', `Alarm ${missing} does not exist`, 404);
      for (const name of AlarmNames) world.things.remove(world.things.find(ALARM, name)!);
    },
    /** No metric has any data. */
    GetMetricData({ MetricDataQueries = [] }: sdk.GetMetricDataInput): sdk.GetMetricDataOutput {
      return {
        MetricDataResults: MetricDataQueries.map(({ Id }) => ({
          Id: Id!,
          StatusCode: 'Complete',
          Timestamps: [],
          Values: [],
        })),
      };
    },
    PutMetricData: (): void => undefined,
    ListTagsForResource(
      { ResourceARN }: sdk.ListTagsForResourceInput,
      world: World,
    ): sdk.ListTagsForResourceOutput {
      const found = world.things.all(ALARM).find(({ arn }) => arn === ResourceARN);
      return { Tags: Object.entries(found?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) };
    },
  },
};
