import { resourceTypeOf } from '../resources/catalog.ts';
import type { ResourceType } from '../resources/resource-type.ts';
import { VOLUME, snapshot } from '../resources/ec2/volume.ts';
import { AwsFault } from '../wire/fault.ts';
import { generatedName, uuid } from '../world/ids.ts';
import { type Properties, items, text } from '../world/properties.ts';
import type { ResourceFailure } from '../world/script.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';
import { type Intent, type Stack, type StackResource, setResourceStatus } from './stack.ts';

/** What CloudFormation does to one resource, over time. Each returns a function that stops it. */
export interface Work {
  readonly world: World;
  readonly stack: Stack;
  /** Of the operation: its tags reach the resource. */
  readonly intent: Intent;
  readonly resource: StackResource;
  readonly finish: (fault: AwsFault | null) => void;
}

/** From the order to the first call. */
const START_MINUTES = 0.05;
const POLL_MINUTES = 0.25;
const RETRY_MINUTES = 1;

/** Refusals that may pass by themselves: CloudFormation tries them again for a while. */
const RETRIED = new Set(['DependencyViolation', 'VolumeInUse', 'DeleteConflict']);

/** @param word `CREATE`, or `UPDATE` for a replacement */
export function create(work: Work, evaluate: () => Properties, word: 'CREATE' | 'UPDATE'): () => void {
  const { world, stack, intent, resource, finish } = work;
  const type = resourceTypeOf(resource.type);
  const reason =
    word === 'UPDATE'
      ? 'Requested update requires the creation of a new physical resource; hence creating one.'
      : '';
  setResourceStatus(world, stack, resource, `${word}_IN_PROGRESS`, reason);
  const timer = new Timer(world);
  const poll = (thing: Thing): void => {
    attempt(work, `${word}_FAILED`, type, () => {
      if (!type.isReady(thing, world)) return timer.after(POLL_MINUTES, () => poll(thing));
      resource.attributes = thing.attributes;
      setResourceStatus(world, stack, resource, `${word}_COMPLETE`);
      finish(null);
    });
  };
  timer.after(START_MINUTES, () =>
    attempt(work, `${word}_FAILED`, type, () => {
      const properties = evaluate();
      resource.properties = properties;
      requireLuck(work, 'create', type.actions.create);
      const thing = type.create(
        {
          stackName: stack.name,
          stackId: stack.id,
          logicalId: resource.logicalId,
          properties,
          tags: type.isTaggable ? tagsFor(stack, intent, resource.logicalId, properties) : {},
          generatedName: (limit) => generatedName(stack.name, resource.logicalId, limit),
        },
        world,
      );
      resource.physicalId = thing.id;
      resource.attributes = thing.attributes;
      setResourceStatus(world, stack, resource, `${word}_IN_PROGRESS`, 'Resource creation Initiated');
      timer.after(type.minutes.create, () => poll(thing));
    }),
  );
  return () => {
    timer.stop();
    const noun = word === 'CREATE' ? 'creation' : 'update';
    setResourceStatus(world, stack, resource, `${word}_FAILED`, `Resource ${noun} cancelled`);
  };
}

export function update(work: Work, properties: Properties): () => void {
  const { world, stack, resource, finish } = work;
  const type = resourceTypeOf(resource.type);
  setResourceStatus(world, stack, resource, 'UPDATE_IN_PROGRESS');
  const timer = new Timer(world);
  timer.after(START_MINUTES, () =>
    attempt(work, 'UPDATE_FAILED', type, () => {
      requireLuck(work, 'update', type.actions.update);
      const thing = world.things.find(resource.type, resource.physicalId);
      if (thing === undefined) {
        throw new AwsFault(
          'NotFound',
          `Resource of type '${resource.type}' with identifier '${resource.physicalId}' was not found.`,
          404,
        );
      }
      type.update(thing, properties, world);
      if (type.isTaggable) thing.tags = tagsFor(stack, work.intent, resource.logicalId, properties);
      resource.properties = properties;
      resource.attributes = thing.attributes;
      timer.after(type.minutes.update, () => {
        setResourceStatus(world, stack, resource, 'UPDATE_COMPLETE');
        finish(null);
      });
    }),
  );
  return () => {
    timer.stop();
    setResourceStatus(world, stack, resource, 'UPDATE_FAILED', 'Resource update cancelled');
  };
}

/** @param policy what becomes of the thing: `Delete`, `Retain`, `Snapshot`, `RetainExceptOnCreate` */
export function remove(work: Work, policy: string): () => void {
  const { world, stack, resource, finish } = work;
  const type = resourceTypeOf(resource.type);
  const complete = (status: string): void => {
    setResourceStatus(world, stack, resource, status);
    finish(null);
  };
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') {
    complete('DELETE_SKIPPED');
    return () => undefined;
  }
  setResourceStatus(world, stack, resource, 'DELETE_IN_PROGRESS');
  const timer = new Timer(world);
  const startedAt = world.clock.now().getTime();
  const poll = (thing: Thing): void => {
    if (type.isGone(thing, world)) complete('DELETE_COMPLETE');
    else timer.after(POLL_MINUTES, () => poll(thing));
  };
  const tryOnce = (): void =>
    attempt(work, 'DELETE_FAILED', type, () => {
      const thing = world.things.find(resource.type, resource.physicalId);
      if (thing === undefined || resource.physicalId === '') return complete('DELETE_COMPLETE');
      try {
        requireLuck(work, 'delete', type.actions.delete);
        if (
          policy === 'Snapshot' &&
          resource.type === VOLUME &&
          text(thing.attributes, 'InstanceId') === ''
        ) {
          snapshot(world, thing, `Created by CloudFormation for ${stack.name} ${resource.logicalId}`);
        }
        type.remove(thing, world);
      } catch (error) {
        const waited = (world.clock.now().getTime() - startedAt) / 60_000;
        const isWorthIt =
          error instanceof AwsFault && RETRIED.has(error.code) && waited < world.settings.deletePatience;
        if (!isWorthIt) throw error;
        return timer.after(RETRY_MINUTES, tryOnce);
      }
      timer.after(type.minutes.delete, () => poll(thing));
    });
  timer.after(START_MINUTES, tryOnce);
  return () => timer.stop();
}

/** Runs a part of the work; what AWS refuses ends the work with an event. */
function attempt(
  { world, stack, resource, finish }: Work,
  failedStatus: string,
  type: ResourceType,
  part: () => void,
): void {
  try {
    part();
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    setResourceStatus(world, stack, resource, failedStatus, reasonOf(error, type));
    finish(error);
  }
}

/** @throws AwsFault when the test wants it, or the caller may not do it */
function requireLuck(
  { world, stack, resource }: Work,
  during: ResourceFailure['during'],
  action: string,
): void {
  const { logicalId, type } = resource;
  const message = world.script.resourceFailureFor(during, { logicalId, type, stackName: stack.name });
  if (message !== null) throw new AwsFault('Scripted', message);
  if (!world.script.isDenied(action)) return;
  throw new AwsFault(
    'AccessDenied',
    `User: ${world.arn('iam', 'user/operator', '')} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    403,
  );
}

const HANDLER_CODES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/Already|Duplicate|Conflict/, 'AlreadyExists'],
  [/AccessDenied/, 'AccessDenied'],
  [/NotFound|NoSuch/, 'NotFound'],
  [/Limit/, 'ServiceLimitExceeded'],
  [/NotStabilized/, 'NotStabilized'],
  [/Invalid/, 'InvalidRequest'],
];

function reasonOf({ code, message, status }: AwsFault, type: ResourceType): string {
  if (code === 'Scripted' || type.type === 'AWS::CloudFormation::WaitCondition') return message;
  const handlerCode = HANDLER_CODES.find(([pattern]) => pattern.test(code))?.[1] ?? 'GeneralServiceException';
  const service = type.type.split('::')[1]!;
  const name = service === 'S3' ? service : service[0]! + service.slice(1).toLowerCase();
  return `Resource handler returned message: "${message} (Service: ${name}, Status Code: ${status}, Request ID: ${uuid()})" (RequestToken: ${uuid()}, HandlerErrorCode: ${handlerCode})`;
}

/** The resource's own tags, the stack's, and CloudFormation's. */
function tagsFor(
  stack: Stack,
  intent: Intent,
  logicalId: string,
  properties: Properties,
): Record<string, string> {
  const given = properties['Tags'];
  const own = Array.isArray(given)
    ? Object.fromEntries(items(properties, 'Tags').map((tag) => [text(tag, 'Key'), text(tag, 'Value')]))
    : ((given ?? {}) as Record<string, string>);
  return {
    ...intent.tags,
    ...own,
    'aws:cloudformation:stack-name': stack.name,
    'aws:cloudformation:stack-id': stack.id,
    'aws:cloudformation:logical-id': logicalId,
  };
}

/** One pending task at a time. */
class Timer {
  readonly #world: World;
  #cancel: () => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  after(minutes: number, task: () => void): void {
    this.#cancel = this.#world.clock.after(minutes, task);
  }

  stop(): void {
    this.#cancel();
  }
}
