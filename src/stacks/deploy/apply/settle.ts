import { SbwError } from '../../../errors.ts';
import type { LayerName } from '../../catalog.ts';
import type { CloudFormation, StackDescription } from '../../ports/cloudformation.ts';
import { ruleOf } from '../../stack-status.ts';
import type { Stage } from '../../stage.ts';
import { diagnose } from '../diagnose/diagnose.ts';
import { StackFailure } from '../diagnose/failure.ts';
import { readTemplate, titlesOf } from '../template/read-template.ts';
import type { Emit } from './event.ts';
import { type FollowWorld, type Followed, type Operation, followStack } from './follow.ts';

export interface SettleWorld extends FollowWorld {
  readonly cloudFormation: CloudFormation;
  readonly token: string;
  readonly emit: Emit;
}

type Stacks = ReadonlyMap<LayerName, StackDescription | null>;

/** Stacks that no plan can be made for as they are: somebody works on them, or a rollback got stuck. */
export function unsettled(stacks: Stacks): readonly LayerName[] {
  return [...stacks].flatMap(([layer, stack]) =>
    stack !== null && ['wait', 'continue-rollback'].includes(ruleOf(stack.status).action) ? [layer] : [],
  );
}

/** @throws SbwError STACK_UNUSABLE (refused) when a person has to look at one of them first */
export function requireUsable(stage: Stage, stacks: Stacks): void {
  for (const stack of stacks.values()) {
    if (stack === null || ruleOf(stack.status).action !== 'refuse') continue;
    const { meaning } = ruleOf(stack.status);
    throw new SbwError(
      'STACK_UNUSABLE',
      `${stack.name} ${meaning} (${stack.status}). ${stack.statusReason}`.trim(),
      {
        kind: 'refused',
        fix:
          stack.status === 'UPDATE_FAILED'
            ? `aws cloudformation rollback-stack --stack-name ${stack.name}   then run sbw deploy again`
            : `sbw teardown --stage ${stage.name}   finishes the deletion; or look at the stack in the AWS console`,
      },
    );
  }
}

/**
 * Waits for what runs, and takes stuck rollbacks to their end.
 *
 * @param skipStuck leaves out of the rollback what cannot be taken back; the next update mends it
 * @throws StackFailure when a rollback is still stuck; SbwError DEPLOY_STOPPED (cancelled)
 */
export async function settleStacks(world: SettleWorld, stacks: Stacks, skipStuck: boolean): Promise<void> {
  await Promise.all(
    unsettled(stacks).map(async (layer) => {
      const stack = stacks.get(layer)!;
      const { meaning } = ruleOf(stack.status);
      world.emit({ type: 'task-started', task: layer });
      world.emit({ type: 'task-progress', task: layer, text: meaning });
      const startedAt = world.clock.now().getTime();
      const after = await waitFor(world, layer, stack, null);
      if (after !== null && ruleOf(after.status).action === 'continue-rollback') {
        await continueRollback(world, layer, after, skipStuck);
      }
      const durationMs = world.clock.now().getTime() - startedAt;
      world.emit({ type: 'task-ended', task: layer, end: { outcome: 'done' }, durationMs });
    }),
  );
}

/**
 * Shows what goes on with stacks of the stage until nothing does.
 *
 * @returns how they ended; without those that nobody worked on
 */
export async function attach(world: SettleWorld, stacks: Stacks): Promise<ReadonlyMap<LayerName, Followed>> {
  const running = unsettled(stacks).filter((layer) => ruleOf(stacks.get(layer)!.status).action === 'wait');
  const ends = running.map(async (layer) => {
    const stack = stacks.get(layer)!;
    const startedAt = world.clock.now().getTime();
    world.emit({ type: 'task-started', task: layer });
    const followed = await follow(world, layer, operationOn(stack, null));
    const isGood = followed.stack !== null && ruleOf(followed.stack.status).isSuccess;
    const end = followed.isLeft
      ? ({ outcome: 'stopped' } as const)
      : isGood
        ? ({ outcome: 'done' } as const)
        : ({ outcome: 'failed', error: failureOf(stack, followed, new Map()) } as const);
    world.emit({ type: 'task-ended', task: layer, end, durationMs: world.clock.now().getTime() - startedAt });
    return [layer, followed] as const;
  });
  return new Map(await Promise.all(ends));
}

/** Asks CloudFormation to take back what it is doing. @returns layers where something is taken back now */
export async function cancel(
  { cloudFormation, token }: Pick<SettleWorld, 'cloudFormation' | 'token'>,
  stacks: Stacks,
): Promise<readonly LayerName[]> {
  const cancelled: LayerName[] = [];
  for (const [layer, stack] of stacks) {
    if (stack?.status === 'UPDATE_IN_PROGRESS')
      await cloudFormation.cancelUpdate(stack.id, `${token}-cancel`);
    // A first creation cannot be cancelled; it holds nothing yet that anybody could miss.
    else if (stack?.status === 'CREATE_IN_PROGRESS') {
      await cloudFormation.deleteStack({ stack: stack.id, token: `${token}-cancel` });
    } else continue;
    cancelled.push(layer);
  }
  return cancelled;
}

async function continueRollback(
  world: SettleWorld,
  layer: LayerName,
  stack: StackDescription,
  skipStuck: boolean,
): Promise<void> {
  const { cloudFormation, token, clock } = world;
  const resources = skipStuck ? await cloudFormation.listResources(stack.id) : [];
  const skip = resources.filter(({ status }) => status === 'UPDATE_FAILED').map(({ logicalId }) => logicalId);
  world.emit({ type: 'task-progress', task: layer, text: 'taking back an update that failed' });
  const startedAt = clock.now();
  await cloudFormation.continueRollback(stack.id, `${token}-rollback`, skip);
  const operation = { ...operationOn(stack, `${token}-rollback`), startedAt };
  const followed = await follow(world, layer, operation);
  if (followed.isLeft) throw left(stack);
  if (followed.stack === null || ruleOf(followed.stack.status).action === 'proceed') return;
  const titles = titlesOf(readTemplate(layer, await cloudFormation.template(stack.id)));
  const failure = failureOf(stack, followed, titles);
  throw new StackFailure(failure.failed, {
    ...failure.diagnosis,
    fix:
      failure.diagnosis.fix ??
      'mend it and run sbw deploy again; or leave it as it is: sbw deploy --skip-stuck',
  });
}

async function waitFor(
  world: SettleWorld,
  layer: LayerName,
  stack: StackDescription,
  token: string | null,
): Promise<StackDescription | null> {
  if (ruleOf(stack.status).action !== 'wait') return stack;
  const followed = await follow(world, layer, operationOn(stack, token));
  if (followed.isLeft) throw left(stack);
  return followed.stack;
}

function operationOn(
  { id, status, updatedAt, createdAt }: StackDescription,
  token: string | null,
): Operation {
  const startedAt = updatedAt ?? createdAt;
  return { stackId: id, before: { status, changedAt: startedAt.toISOString() }, token, startedAt };
}

function follow(world: SettleWorld, layer: LayerName, operation: Operation): Promise<Followed> {
  return followStack(
    world,
    operation,
    ({ stackName, logicalId, physicalId, stackId, type, status, reason, at }) => {
      if (physicalId === stackId) return;
      const resource = {
        stackName,
        logicalId,
        physicalId,
        resourceType: type,
        title: logicalId,
        status,
        reason,
        at,
      };
      world.emit({ type: 'resource-changed', task: layer, resource });
    },
  );
}

function failureOf(
  { name, id }: StackDescription,
  { stack, events }: Followed,
  titles: ReadonlyMap<string, string>,
): StackFailure {
  const status = stack?.status ?? 'DELETE_COMPLETE';
  return new StackFailure(
    { stackName: name, stackId: id, status, isUntouched: false, serverIds: [] },
    diagnose(events, titles, stack?.statusReason ?? ''),
  );
}

function left({ name }: StackDescription): SbwError {
  return new SbwError(
    'DEPLOY_STOPPED',
    `Nobody waits for ${name} any more; CloudFormation goes on with it.`,
    {
      kind: 'cancelled',
    },
  );
}
