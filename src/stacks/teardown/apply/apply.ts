import type { Task } from '../plan/task.ts';
import type { TeardownPlan } from '../plan/plan.ts';
import type { Clock, TeardownPorts } from '../ports.ts';
import { deleteStack } from './delete-stack.ts';
import { emptyBucket } from './empty-bucket.ts';
import type { TeardownEvent } from './event.ts';
import { freeCards } from './free-cards.ts';
import { type Patience, startPatience } from './patience.ts';
import { runTasks, type TaskResult } from './run-tasks.ts';
import { detachFunction, stopIngest, stopSchedule } from './stop-writers.ts';

export interface Applying {
  readonly ports: TeardownPorts;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** For CloudFormation's events; new for every run. */
  readonly token: string;
  readonly heartbeatMs?: number;
  emit(event: TeardownEvent): void;
}

/** Does what the plan says, and nothing else. Never throws for what a task met: that is in its result. */
export async function applyPlan(world: Applying, plan: TeardownPlan): Promise<readonly TaskResult[]> {
  const { clock, emit, heartbeatMs, stop } = world;
  const perform = async (task: Task, say: (text: string) => void): Promise<'done' | 'gone'> => {
    const patience = startPatience(clock, stop, { what: task.title, minutes: task.deadlineMinutes });
    return performAction(world, task, patience, say);
  };
  return runTasks(
    { clock, stop, perform, emit, ...(heartbeatMs === undefined ? {} : { heartbeatMs }) },
    plan.tasks,
  );
}

async function performAction(
  { ports, token }: Applying,
  { action }: Task,
  patience: Patience,
  say: (text: string) => void,
): Promise<'done' | 'gone'> {
  switch (action.type) {
    case 'stop-schedule':
      return stopSchedule(ports.writers, action.rule);
    case 'stop-ingest':
      return stopIngest(ports.writers, action.functionName);
    case 'detach-etl':
      return detachFunction(ports.writers, action.functionName, patience);
    case 'free-cards':
      return freeCards(ports.networks, action, patience, say);
    case 'empty-bucket':
      return emptyBucket(ports.buckets, { name: action.bucket, isDeleted: action.isDeleted }, patience, say);
    case 'allow-writes':
      await ports.buckets.allowWrites(action.bucket);
      return 'done';
    case 'delete-stack':
      return deleteStack(ports.cloudFormation, { ...action, token }, patience, say);
    case 'delete-snapshots':
      return deleteSnapshots(ports, action.volumeId, patience);
    case 'remove-leftovers': {
      const source = ports.leftovers.find(({ kind }) => kind === action.kind);
      for (const id of source === undefined ? [] : action.ids) {
        patience.goOn();
        await source?.remove(id);
      }
      return 'done';
    }
  }
}

/** The one that CloudFormation took when it deleted the volume, which nobody could name before. */
async function deleteSnapshots(
  { leftovers }: TeardownPorts,
  volumeId: string,
  patience: Patience,
): Promise<'done' | 'gone'> {
  const source = leftovers.find(({ kind }) => kind === 'snapshot');
  const nothing = { stage: '', parameterPath: '', logGroups: [] };
  const found = (await source?.find({ ...nothing, volumeIds: [volumeId] })) ?? [];
  const taken = found.filter((one) => one.source === volumeId);
  for (const { id } of taken) {
    patience.goOn();
    await source?.remove(id);
  }
  return taken.length === 0 ? 'gone' : 'done';
}
