import { AwsFault } from '../wire/fault.ts';
import { flag, optionalText, text } from '../world/properties.ts';
import { resourceType } from './resource-type.ts';

export const LOG_GROUP = 'AWS::Logs::LogGroup';
export const ALARM = 'AWS::CloudWatch::Alarm';

export const logGroup = resourceType({
  type: LOG_GROUP,
  actions: {
    create: 'logs:CreateLogGroup',
    update: 'logs:PutRetentionPolicy',
    delete: 'logs:DeleteLogGroup',
  },
  nameProperty: 'LogGroupName',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'LogGroupName') ?? draft.generatedName(512);
    if (world.things.find(LOG_GROUP, id) !== undefined) {
      throw new AwsFault(
        'AlreadyExists',
        `Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"${id}"}' already exists.`,
      );
    }
    const arn = world.arn('logs', `log-group:${id}:*`);
    return world.add({
      type: LOG_GROUP,
      id,
      arn,
      properties: { ...draft.properties, LogGroupName: id },
      tags: { ...draft.tags },
      attributes: { Arn: arn },
    });
  },
  remove: (thing, world) => {
    if (flag(thing.properties, 'DeletionProtectionEnabled')) {
      throw new AwsFault('ValidationException', `The log group ${thing.id} is protected from deletion.`);
    }
    for (const filter of world.using(METRIC_FILTER, 'LogGroupName', thing.id)) world.things.remove(filter);
    world.things.remove(thing);
  },
});

const METRIC_FILTER = 'AWS::Logs::MetricFilter';

export const metricFilter = resourceType({
  type: METRIC_FILTER,
  actions: {
    create: 'logs:PutMetricFilter',
    update: 'logs:PutMetricFilter',
    delete: 'logs:DeleteMetricFilter',
  },
  isTaggable: false,
  nameProperty: null,
  create: (draft, world) => {
    const group = text(draft.properties, 'LogGroupName');
    world.require(
      LOG_GROUP,
      group,
      () => new AwsFault('ResourceNotFoundException', 'The specified log group does not exist.'),
    );
    const id = optionalText(draft.properties, 'FilterName') ?? draft.generatedName(512);
    return world.add({ type: METRIC_FILTER, id, arn: '', properties: draft.properties });
  },
});

export const alarm = resourceType({
  type: ALARM,
  actions: {
    create: 'cloudwatch:PutMetricAlarm',
    update: 'cloudwatch:PutMetricAlarm',
    delete: 'cloudwatch:DeleteAlarms',
  },
  nameProperty: 'AlarmName',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'AlarmName') ?? draft.generatedName(255);
    if (world.things.find(ALARM, id) !== undefined) {
      throw new AwsFault('AlreadyExists', `Alarm ${id} already exists`);
    }
    const arn = world.arn('cloudwatch', `alarm:${id}`);
    return world.add({
      type: ALARM,
      id,
      arn,
      properties: draft.properties,
      tags: { ...draft.tags },
      state: 'INSUFFICIENT_DATA',
      attributes: { Arn: arn },
    });
  },
});
