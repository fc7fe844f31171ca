import type * as sdk from '@aws-sdk/client-sqs';
import { QUEUE, queue } from '../../resources/messaging.ts';
import { AwsFault } from '../../wire/fault.ts';
import { md5, uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

const missing = (): AwsFault =>
  new AwsFault('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.');

const requireQueue = (world: World, url: string): Thing => world.require(QUEUE, url, missing);

const messagesOf = (world: World, url: string): readonly { readonly id: string; readonly body: string }[] =>
  world.queues.get(url) ?? [];

export const sqs: Service = {
  name: 'sqs',
  signingName: 'sqs',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-sqs'),
  actions: {
    ListQueues(
      { QueueNamePrefix = '', NextToken }: sdk.ListQueuesRequest,
      world: World,
    ): sdk.ListQueuesResult {
      const all = world.things
        .all(QUEUE)
        .filter(({ attributes }) => text(attributes, 'QueueName').startsWith(QueueNamePrefix));
      const { items, token } = pageOf(all, NextToken, world.settings.pageSize);
      return { QueueUrls: items.map(({ id }) => id), ...nextToken('NextToken', token) };
    },
    GetQueueUrl({ QueueName }: sdk.GetQueueUrlRequest, world: World): sdk.GetQueueUrlResult {
      const found = world.things
        .all(QUEUE)
        .find(({ attributes }) => text(attributes, 'QueueName') === QueueName);
      if (found === undefined) throw missing();
      return { QueueUrl: found.id };
    },
    GetQueueAttributes(
      { QueueUrl }: sdk.GetQueueAttributesRequest,
      world: World,
    ): sdk.GetQueueAttributesResult {
      const { arn, id } = requireQueue(world, QueueUrl!);
      return {
        Attributes: {
          QueueArn: arn,
          ApproximateNumberOfMessages: String(messagesOf(world, id).length),
          ApproximateNumberOfMessagesNotVisible: '0',
        },
      };
    },
    SendMessage({ QueueUrl, MessageBody }: sdk.SendMessageRequest, world: World): sdk.SendMessageResult {
      const { id: url } = requireQueue(world, QueueUrl!);
      const id = uuid();
      world.queues.set(url, [...messagesOf(world, url), { id, body: MessageBody! }]);
      return { MessageId: id, MD5OfMessageBody: md5(MessageBody!) };
    },
    ReceiveMessage(
      { QueueUrl, MaxNumberOfMessages = 1 }: sdk.ReceiveMessageRequest,
      world: World,
    ): sdk.ReceiveMessageResult {
      const { id: url } = requireQueue(world, QueueUrl!);
      return {
        Messages: messagesOf(world, url)
          .slice(0, MaxNumberOfMessages)
          .map(({ id, body }) => ({ MessageId: id, ReceiptHandle: id, Body: body, MD5OfBody: md5(body) })),
      };
    },
    DeleteMessage({ QueueUrl, ReceiptHandle }: sdk.DeleteMessageRequest, world: World): void {
      const { id: url } = requireQueue(world, QueueUrl!);
      world.queues.set(
        url,
        messagesOf(world, url).filter(({ id }) => id !== ReceiptHandle),
      );
    },
    PurgeQueue({ QueueUrl }: sdk.PurgeQueueRequest, world: World): void {
      world.queues.delete(requireQueue(world, QueueUrl!).id);
    },
    DeleteQueue({ QueueUrl }: sdk.DeleteQueueRequest, world: World): void {
      queue.remove(requireQueue(world, QueueUrl!), world);
    },
    ListQueueTags: ({ QueueUrl }: sdk.ListQueueTagsRequest, world: World): sdk.ListQueueTagsResult => ({
      Tags: { ...requireQueue(world, QueueUrl!).tags },
    }),
  },
};
