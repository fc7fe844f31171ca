import { SbwError } from '../../../errors.ts';
import { layerOf } from '../../catalog.ts';
import type { ChangeSet, CloudFormation, StackDescription, StackEvent } from '../../ports/cloudformation.ts';
import { ruleOf } from '../../stack-status.ts';
import { tagsOf, type Stage } from '../../stage.ts';
import { diagnose } from '../diagnose/diagnose.ts';
import { StackFailure } from '../diagnose/failure.ts';
import { changesOf, unannounced } from '../plan/change.ts';
import type { LayerPlan } from '../plan/plan.ts';
import { type Template, titlesOf } from '../template/read-template.ts';
import { type ChangeSetWorld, withChangeSet } from './change-set.ts';
import type { Emit } from './event.ts';
import { type Followed, type Operation, followStack } from './follow.ts';

export interface LayerWorld extends Omit<ChangeSetWorld, 'cloudFormation'> {
  readonly cloudFormation: CloudFormation;
  readonly stage: Stage;
  /** ClientRequestToken of this run: by it events of this run are told from others'. */
  readonly token: string;
  readonly emit: Emit;
}

/** A layer with everything that was unknown when it was planned. */
export interface ReadyLayer {
  readonly plan: LayerPlan;
  readonly template: Template;
  /** Complete by now. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface LayerResult {
  readonly outcome: 'done' | 'unchanged';
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Makes one stack what the plan says: exactly the changes that were shown, or an error.
 *
 * @throws StackFailure with the root cause; SbwError PLAN_CHANGED (refused), DEPLOY_STOPPED (cancelled)
 */
export async function deployLayer(world: LayerWorld, layer: ReadyLayer): Promise<LayerResult> {
  const { plan, parameters } = layer;
  const stack = await requireUnmoved(world, plan);
  if (plan.action === 'none' && stack !== null && isSame(stack, parameters)) {
    return { outcome: 'unchanged', outputs: stack.outputs };
  }
  if (plan.action === 'recreate' && stack !== null) await deleteFailed(world, plan, stack);
  const isNew = plan.action === 'create' || plan.action === 'recreate';
  const request = {
    stackName: plan.stackName,
    changeSetName: world.token,
    kind: isNew ? ('CREATE' as const) : ('UPDATE' as const),
    template: { body: layer.template.text },
    parameters,
    tags: tagsOf(world.stage, plan.layer),
    capabilities: layer.template.capabilities,
    titles: titlesOf(layer.template),
  };
  return withChangeSet(world, request, async (changeSet) => {
    if (changeSet === null) {
      return { isExecuted: false, result: { outcome: 'unchanged', outputs: stack?.outputs ?? {} } };
    }
    requireAnnounced(layer, changeSet);
    const before = isNew ? null : plan.before;
    return { isExecuted: true, result: await execute(world, layer, changeSet, before) };
  });
}

/** @throws SbwError PLAN_CHANGED */
async function requireUnmoved(
  { cloudFormation }: LayerWorld,
  { stackName, before }: LayerPlan,
): Promise<StackDescription | null> {
  const found = await cloudFormation.describeStack(stackName);
  const stack = found?.status === 'REVIEW_IN_PROGRESS' ? null : found;
  const isUnmoved =
    stack === null
      ? before === null
      : stack.id === before?.stackId &&
        stack.status === before.status &&
        (stack.updatedAt ?? stack.createdAt).toISOString() === before.changedAt;
  if (isUnmoved) return stack;
  const now = stack === null ? 'is gone' : ruleOf(stack.status).meaning;
  throw new SbwError('PLAN_CHANGED', `${stackName} ${now}: somebody changed it after the plan was made.`, {
    kind: 'refused',
    fix: 'run sbw deploy again and look at the new plan',
  });
}

function isSame(stack: StackDescription, parameters: Readonly<Record<string, string>>): boolean {
  return Object.entries(parameters).every(([name, value]) => stack.parameters[name] === value);
}

/** @throws SbwError PLAN_CHANGED */
function requireAnnounced({ plan, template }: ReadyLayer, { changes }: ChangeSet): void {
  const actual = changesOf(changes, template, layerOf(plan.layer).data);
  const [surprise, ...more] = unannounced(plan.changes, actual, plan.isSettled);
  if (surprise === undefined) return;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  throw new SbwError(
    'PLAN_CHANGED',
    `${plan.stackName} would ${surprise.kind} "${surprise.title}"${others}, which the plan did not show.`,
    { kind: 'refused', fix: 'nothing was changed there; run sbw deploy again and look at the new plan' },
  );
}

async function execute(
  world: LayerWorld,
  layer: ReadyLayer,
  { id, stackId }: ChangeSet,
  before: Operation['before'],
): Promise<LayerResult> {
  const startedAt = world.clock.now();
  const operation = { stackId, before, token: world.token, startedAt };
  await begin(world, id, operation);
  const followed = await follow(world, layer, operation);
  const { stack, isLeft, events } = followed;
  if (isLeft) throw stopped(layer.plan.stackName);
  if (stack !== null && ruleOf(stack.status).isSuccess && stack.status !== 'DELETE_COMPLETE') {
    return { outcome: 'done', outputs: stack.outputs };
  }
  const diagnosis = diagnose(events, titlesOf(layer.template), stack?.statusReason ?? '');
  throw new StackFailure(
    {
      ...{ stackName: layer.plan.stackName, stackId, isUntouched: false },
      status: stack?.status ?? 'DELETE_COMPLETE',
      serverIds: serversIn(events),
    },
    diagnosis,
  );
}

/** An answer may get lost after CloudFormation has begun; asked again it refuses, though all is well. */
async function begin(
  { cloudFormation, token }: LayerWorld,
  id: string,
  { stackId }: Operation,
): Promise<void> {
  try {
    await cloudFormation.executeChangeSet(id, token);
  } catch (error) {
    for await (const [newest] of cloudFormation.events(stackId)) {
      if (newest?.token === token) return;
      break;
    }
    throw error;
  }
}

function follow(world: LayerWorld, { plan, template }: ReadyLayer, operation: Operation): Promise<Followed> {
  const titles = titlesOf(template);
  return followStack(world, operation, (event) => {
    if (event.physicalId === event.stackId) return;
    const { stackName, logicalId, physicalId, type, status, reason, at } = event;
    const title = titles.get(logicalId) ?? logicalId;
    const resource = { stackName, logicalId, physicalId, resourceType: type, title, status, reason, at };
    world.emit({ type: 'resource-changed', task: plan.layer, resource });
  });
}

/** What a failed first creation left: CloudFormation lets nothing else be done with it. */
async function deleteFailed(
  world: LayerWorld,
  plan: LayerPlan,
  { id, status }: StackDescription,
): Promise<void> {
  world.emit({ type: 'task-progress', task: plan.layer, text: 'deleting what the failed first try left' });
  const token = `${world.token}-d`;
  const startedAt = world.clock.now();
  await world.cloudFormation.deleteStack({ stack: id, token });
  const before = { status, changedAt: plan.before?.changedAt ?? '' };
  const followed = await followStack(world, { stackId: id, before, token, startedAt }, () => undefined);
  if (followed.isLeft) throw stopped(plan.stackName);
  const { stack, events } = followed;
  if (stack === null || stack.status === 'DELETE_COMPLETE') return;
  throw new StackFailure(
    { stackName: plan.stackName, stackId: id, status: stack.status, isUntouched: false, serverIds: [] },
    diagnose(events, new Map(), stack.statusReason),
  );
}

function serversIn(events: readonly StackEvent[]): readonly string[] {
  const ids = events.filter(({ type }) => type === 'AWS::EC2::Instance').map(({ physicalId }) => physicalId);
  return [...new Set(ids)].filter((id) => id !== '');
}

function stopped(stackName: string): SbwError {
  return new SbwError(
    'DEPLOY_STOPPED',
    `Nobody waits for ${stackName} any more; CloudFormation goes on with it.`,
    {
      kind: 'cancelled',
    },
  );
}
