import { AwsFault } from '../wire/fault.ts';
import { uuid } from '../world/ids.ts';
import { items, optionalText, text } from '../world/properties.ts';
import { resourceType } from './resource-type.ts';

export const RULE = 'AWS::Events::Rule';
export const TOPIC = 'AWS::SNS::Topic';
export const SUBSCRIPTION = 'AWS::SNS::Subscription';
export const QUEUE = 'AWS::SQS::Queue';

export const rule = resourceType({
  type: RULE,
  actions: { create: 'events:PutRule', update: 'events:PutRule', delete: 'events:DeleteRule' },
  nameProperty: 'Name',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'Name') ?? draft.generatedName();
    if (world.things.find(RULE, id) !== undefined) {
      throw new AwsFault('ResourceAlreadyExistsException', `${id} already exists in stack`, 400);
    }
    const arn = world.arn('events', `rule/${id}`);
    return world.add({
      type: RULE,
      id,
      arn,
      properties: { State: 'ENABLED', ...draft.properties },
      tags: { ...draft.tags },
      attributes: { Arn: arn },
    });
  },
  remove: (thing, world) => {
    // CloudFormation takes away the targets that it added; others stand in its way.
    if (items(thing.attributes, 'AddedTargets').length > 0) throw hasTargets();
    world.things.remove(thing);
  },
});

export const hasTargets = (): AwsFault =>
  new AwsFault('ValidationException', "Rule can't be deleted since it has targets.");

export const topic = resourceType({
  type: TOPIC,
  actions: 'sns:Topic',
  nameProperty: 'TopicName',
  create: (draft, world) => {
    const name = optionalText(draft.properties, 'TopicName') ?? draft.generatedName(256);
    const arn = world.arn('sns', name);
    if (world.things.find(TOPIC, arn) !== undefined) {
      throw new AwsFault(
        'AlreadyExists',
        `Resource of type 'AWS::SNS::Topic' with identifier '${arn}' already exists.`,
      );
    }
    return world.add({
      type: TOPIC,
      id: arn,
      arn,
      properties: draft.properties,
      tags: { ...draft.tags },
      attributes: { TopicArn: arn, TopicName: name },
    });
  },
  remove: (thing, world) => {
    for (const one of world.using(SUBSCRIPTION, 'TopicArn', thing.id)) world.things.remove(one);
    world.things.remove(thing);
  },
});

export const subscription = resourceType({
  type: SUBSCRIPTION,
  actions: { create: 'sns:Subscribe', update: 'sns:SetSubscriptionAttributes', delete: 'sns:Unsubscribe' },
  isTaggable: false,
  create: ({ properties }, world) => {
    const topicArn = text(properties, 'TopicArn');
    world.require(TOPIC, topicArn, () => new AwsFault('NotFound', 'Topic does not exist', 404));
    const id = `${topicArn}:${uuid()}`;
    // A mail address has to confirm first, and never does here.
    const state = text(properties, 'Protocol') === 'email' ? 'PendingConfirmation' : 'Confirmed';
    return world.add({ type: SUBSCRIPTION, id, arn: id, properties, state });
  },
});

export const topicPolicy = resourceType({
  type: 'AWS::SNS::TopicPolicy',
  actions: {
    create: 'sns:SetTopicAttributes',
    update: 'sns:SetTopicAttributes',
    delete: 'sns:SetTopicAttributes',
  },
  isTaggable: false,
  create: (draft, world) =>
    world.add({
      type: 'AWS::SNS::TopicPolicy',
      id: draft.generatedName(),
      arn: '',
      properties: draft.properties,
    }),
});

/** A queue's name is not free again at once. */
const QUEUE_NAME_REST_MINUTES = 1;
const RESTING = 'sbw:RestingQueueName';

export const queue = resourceType({
  type: QUEUE,
  actions: 'sqs:Queue',
  minutes: { create: 1, delete: 0.5 },
  nameProperty: 'QueueName',
  create: (draft, world) => {
    const name = optionalText(draft.properties, 'QueueName') ?? draft.generatedName(80);
    const id = `https://sqs.${world.region}.amazonaws.com/${world.accountId}/${name}`;
    if (world.things.find(RESTING, id) !== undefined) {
      throw new AwsFault(
        'AWS.SimpleQueueService.QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
    }
    if (world.things.find(QUEUE, id) !== undefined) {
      throw new AwsFault('QueueAlreadyExists', `A queue already exists with the same name: ${name}`);
    }
    const arn = world.arn('sqs', name);
    return world.add({
      type: QUEUE,
      id,
      arn,
      properties: draft.properties,
      tags: { ...draft.tags },
      attributes: { Arn: arn, QueueName: name, QueueUrl: id },
    });
  },
  remove: (thing, world) => {
    world.things.remove(thing);
    const rest = world.add({ type: RESTING, id: thing.id, arn: '', properties: {}, isImplicit: true });
    world.clock.after(QUEUE_NAME_REST_MINUTES, () => world.things.remove(rest));
  },
});

export const queuePolicy = resourceType({
  type: 'AWS::SQS::QueuePolicy',
  actions: {
    create: 'sqs:SetQueueAttributes',
    update: 'sqs:SetQueueAttributes',
    delete: 'sqs:SetQueueAttributes',
  },
  isTaggable: false,
  create: (draft, world) =>
    world.add({
      type: 'AWS::SQS::QueuePolicy',
      id: draft.generatedName(),
      arn: '',
      properties: draft.properties,
    }),
});
