import type * as sdk from '@aws-sdk/client-sns';
import { SUBSCRIPTION, TOPIC, subscription, topic } from '../../resources/messaging.ts';
import type { Draft } from '../../resources/resource-type.ts';
import { AwsFault } from '../../wire/fault.ts';
import { uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

function requireTopic(world: World, arn: string): Thing {
  return world.require(TOPIC, arn, () => new AwsFault('NotFound', 'Topic does not exist', 404));
}

const subscriptionShape = (world: World, { id, properties, state }: Thing): sdk.Subscription => ({
  SubscriptionArn: state === 'PendingConfirmation' ? 'PendingConfirmation' : id,
  TopicArn: text(properties, 'TopicArn'),
  Protocol: text(properties, 'Protocol'),
  Endpoint: text(properties, 'Endpoint'),
  Owner: world.accountId,
});

export const sns: Service = {
  name: 'sns',
  signingName: 'sns',
  protocol: 'query',
  xmlns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  client: () => import('@aws-sdk/client-sns'),
  actions: {
    ListTopics({ NextToken }: sdk.ListTopicsInput, world: World): sdk.ListTopicsResponse {
      const { items, token } = pageOf(world.things.all(TOPIC), NextToken, world.settings.pageSize);
      return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...nextToken('NextToken', token) };
    },
    GetTopicAttributes(
      { TopicArn }: sdk.GetTopicAttributesInput,
      world: World,
    ): sdk.GetTopicAttributesResponse {
      const { arn } = requireTopic(world, TopicArn!);
      const pending = world
        .using(SUBSCRIPTION, 'TopicArn', arn)
        .filter(({ state }) => state === 'PendingConfirmation');
      return {
        Attributes: { TopicArn: arn, Owner: world.accountId, SubscriptionsPending: String(pending.length) },
      };
    },
    DeleteTopic({ TopicArn }: sdk.DeleteTopicInput, world: World): void {
      const found = world.things.find(TOPIC, TopicArn!);
      if (found !== undefined) topic.remove(found, world);
    },
    ListSubscriptionsByTopic(
      { TopicArn, NextToken }: sdk.ListSubscriptionsByTopicInput,
      world: World,
    ): sdk.ListSubscriptionsByTopicResponse {
      requireTopic(world, TopicArn!);
      const { items, token } = pageOf(
        world.using(SUBSCRIPTION, 'TopicArn', TopicArn!),
        NextToken,
        world.settings.pageSize,
      );
      return {
        Subscriptions: items.map((one) => subscriptionShape(world, one)),
        ...nextToken('NextToken', token),
      };
    },
    Subscribe({ TopicArn, Protocol, Endpoint }: sdk.SubscribeInput, world: World): sdk.SubscribeResponse {
      const made = subscription.create(
        { properties: { TopicArn, Protocol, Endpoint } } as unknown as Draft,
        world,
      );
      return { SubscriptionArn: made.state === 'PendingConfirmation' ? 'pending confirmation' : made.id };
    },
    Unsubscribe({ SubscriptionArn }: sdk.UnsubscribeInput, world: World): void {
      const found = world.things.find(SUBSCRIPTION, SubscriptionArn!);
      if (found !== undefined) world.things.remove(found);
    },
    Publish({ TopicArn }: sdk.PublishInput, world: World): sdk.PublishResponse {
      requireTopic(world, TopicArn!);
      return { MessageId: uuid() };
    },
    ListTagsForResource(
      { ResourceArn }: sdk.ListTagsForResourceRequest,
      world: World,
    ): sdk.ListTagsForResourceResponse {
      const { tags } = requireTopic(world, ResourceArn!);
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  },
};
