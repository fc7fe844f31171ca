import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { LOG_GROUP, logGroup } from '../../resources/observability.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { flag, number, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

function requireGroup(world: World, name: string): Thing {
  const id = name.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '');
  return world.require(
    LOG_GROUP,
    id,
    () => new AwsFault('ResourceNotFoundException', 'The specified log group does not exist.'),
  );
}

const groupActions = {
  DescribeLogGroups(input: sdk.DescribeLogGroupsRequest, world: World): sdk.DescribeLogGroupsResponse {
    const { logGroupNamePrefix = '', nextToken: token } = input;
    const all = world.things
      .all(LOG_GROUP)
      .filter(({ id }) => id.startsWith(logGroupNamePrefix))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const page = pageOf(all, token, world.settings.pageSize);
    const logGroups = page.items.map(({ id, arn, properties, createdAt }) => ({
      logGroupName: id,
      arn,
      logGroupArn: arn.replace(/:\*$/, ''),
      creationTime: createdAt.getTime(),
      storedBytes: (world.logEvents.get(id) ?? []).reduce((sum, { message }) => sum + message.length, 0),
      deletionProtectionEnabled: flag(properties, 'DeletionProtectionEnabled'),
      ...(properties['RetentionInDays'] === undefined
        ? {}
        : { retentionInDays: number(properties, 'RetentionInDays') }),
    }));
    return { logGroups, ...nextToken('nextToken', page.token) };
  },

  CreateLogGroup({ logGroupName, tags = {} }: sdk.CreateLogGroupRequest, world: World): void {
    const id = logGroupName!;
    if (world.things.find(LOG_GROUP, id) !== undefined) {
      throw new AwsFault('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    world.add({
      type: LOG_GROUP,
      id,
      arn: world.arn('logs', `log-group:${id}:*`),
      properties: { LogGroupName: id },
      tags: { ...tags },
    });
  },

  DeleteLogGroup({ logGroupName }: sdk.DeleteLogGroupRequest, world: World): void {
    logGroup.remove(requireGroup(world, logGroupName!), world);
    world.logEvents.delete(logGroupName!);
  },

  PutRetentionPolicy({ logGroupName, retentionInDays }: sdk.PutRetentionPolicyRequest, world: World): void {
    change(requireGroup(world, logGroupName!), { RetentionInDays: retentionInDays });
  },

  ListTagsForResource(
    { resourceArn }: sdk.ListTagsForResourceRequest,
    world: World,
  ): sdk.ListTagsForResourceResponse {
    return { tags: { ...requireGroup(world, resourceArn!).tags } };
  },
};

const eventActions = {
  FilterLogEvents(input: sdk.FilterLogEventsRequest, world: World): sdk.FilterLogEventsResponse {
    const { id } = requireGroup(world, input.logGroupName ?? input.logGroupIdentifier!);
    const wanted = input.filterPattern?.replaceAll('"', '') ?? '';
    const found = (world.logEvents.get(id) ?? []).filter(
      ({ at, message, stream }) =>
        at.getTime() >= (input.startTime ?? 0) &&
        at.getTime() <= (input.endTime ?? Infinity) &&
        message.includes(wanted) &&
        (input.logStreamNames?.includes(stream) ?? true),
    );
    const page = pageOf(found, input.nextToken, world.settings.pageSize);
    return {
      events: page.items.map(({ at, stream, message }) => ({
        timestamp: at.getTime(),
        logStreamName: stream,
        message,
      })),
      ...nextToken('nextToken', page.token),
    };
  },

  DescribeLogStreams(input: sdk.DescribeLogStreamsRequest, world: World): sdk.DescribeLogStreamsResponse {
    const { id } = requireGroup(world, input.logGroupName ?? input.logGroupIdentifier!);
    const names = [...new Set((world.logEvents.get(id) ?? []).map(({ stream }) => stream))];
    const page = pageOf(names, input.nextToken, world.settings.pageSize);
    return {
      logStreams: page.items.map((logStreamName) => ({ logStreamName })),
      ...nextToken('nextToken', page.token),
    };
  },

  /** The last lines of a stream; its tokens never change here, as at the end of a real one. */
  GetLogEvents(input: sdk.GetLogEventsRequest, world: World): sdk.GetLogEventsResponse {
    const { id } = requireGroup(world, input.logGroupName ?? input.logGroupIdentifier!);
    const ofStream = (world.logEvents.get(id) ?? []).filter(({ stream }) => stream === input.logStreamName);
    return {
      events: ofStream
        .slice(-(input.limit ?? 100))
        .map(({ at, message }) => ({ timestamp: at.getTime(), message })),
      nextForwardToken: 'f/end',
      nextBackwardToken: 'b/end',
    };
  },

  DescribeMetricFilters(
    input: sdk.DescribeMetricFiltersRequest,
    world: World,
  ): sdk.DescribeMetricFiltersResponse {
    const all = world.things
      .all('AWS::Logs::MetricFilter')
      .filter(
        ({ properties }) =>
          (input.logGroupName ?? text(properties, 'LogGroupName')) === text(properties, 'LogGroupName'),
      );
    const page = pageOf(all, input.nextToken, world.settings.pageSize);
    return {
      metricFilters: page.items.map(({ id, properties }) => ({
        filterName: id,
        logGroupName: text(properties, 'LogGroupName'),
      })),
      ...nextToken('nextToken', page.token),
    };
  },
};

export const logs: Service = {
  name: 'logs',
  signingName: 'logs',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-cloudwatch-logs'),
  actions: { ...groupActions, ...eventActions },
};
