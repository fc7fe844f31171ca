import { createHash } from 'node:crypto';
import type {
  BucketContent,
  BucketRole,
  Inventory,
  Unknown,
  VolumeRole,
  WarehouseFact,
} from './inventory.ts';
import { type Choices, type Keepable, isKept } from './choices.ts';
import { monthlyCostOf, monthlyCostOfBucket, monthlyCostOfLeftover, sum } from './monthly-cost.ts';
import type { Task } from './task.ts';
import { tasksOf } from './tasks.ts';

/** What teardown will do and what dies of it. `apply` runs exactly these tasks. */
export interface TeardownPlan {
  /** `t_55b1c3d4`: changes when anything would be done to another thing; not with counts and sizes. */
  readonly id: string;
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly madeAt: Date;
  /** Empty: there is nothing to delete. */
  readonly tasks: readonly Task[];
  readonly losses: readonly Loss[];
  readonly kept: readonly Kept[];
  /** USD a month that end with the stage; without what is kept. */
  readonly monthlySaving: number;
  readonly strangers: readonly string[];
  readonly unknown: readonly Unknown[];
}

/** Data that no deploy brings back. */
export type Loss =
  | {
      readonly kind: 'bucket';
      readonly role: BucketRole;
      readonly name: string;
      readonly content: BucketContent;
      readonly hoursNotLoaded: number | null;
    }
  | {
      readonly kind: 'volume';
      readonly role: VolumeRole;
      readonly id: string;
      readonly gigabytes: number;
      readonly lastSnapshotAt: Date | null;
      /** Of the web database always null. */
      readonly warehouse: WarehouseFact | null;
    }
  | {
      readonly kind: 'snapshots';
      readonly count: number;
      readonly gigabytes: number;
      readonly newestAt: Date | null;
    };

export interface Kept {
  readonly what: Keepable;
  /** Bucket or volume. */
  readonly name: string;
  /** USD. */
  readonly monthlyCost: number;
}

/** Pure: the same inventory and choices give the same plan. */
export function planTeardown(inventory: Inventory, choices: Choices): TeardownPlan {
  const { stage, account, region, at } = inventory;
  const tasks = tasksOf(inventory, choices);
  const losses = lossesOf(inventory, choices);
  const kept = keptOf(inventory, choices);
  const total =
    sum(inventory.stacks.map(monthlyCostOf)) +
    sum(inventory.buckets.map(({ content }) => monthlyCostOfBucket(content))) +
    sum(inventory.leftovers.map(monthlyCostOfLeftover));
  return {
    id: planId({ stage, account, region, tasks: tasks.map(({ id, action }) => [id, action]) }),
    stage,
    account,
    region,
    madeAt: at,
    tasks,
    losses,
    kept,
    monthlySaving: Math.max(0, total - sum(kept.map(({ monthlyCost }) => monthlyCost))),
    strangers: inventory.strangers,
    unknown: inventory.unknown,
  };
}

function planId(what: unknown): string {
  return `t_${createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 8)}`;
}

function lossesOf(inventory: Inventory, choices: Choices): Loss[] {
  const { keep, includesArtifacts } = choices;
  const { warehouse } = inventory;
  const buckets = inventory.buckets
    .filter(({ role }) => !keep.has('raw') || (role === 'assets' && includesArtifacts))
    .map(({ role, name, content }): Loss => {
      const hoursNotLoaded = role === 'raw' ? (warehouse?.hoursNotLoaded ?? null) : null;
      return { kind: 'bucket', role, name, content, hoursNotLoaded };
    });
  const volumes = inventory.volumes
    .filter(({ role, isThere }) => isThere && !keep.has(role))
    .map(({ id, role, gigabytes }): Loss => {
      const lastSnapshotAt = newestOf(inventory.leftovers.filter(({ source }) => source === id));
      return {
        ...{ kind: 'volume', role, id, gigabytes, lastSnapshotAt },
        warehouse: role === 'warehouse' ? warehouse : null,
      };
    });
  const snapshots = inventory.leftovers.filter(
    ({ kind, source }) => kind === 'snapshot' && !isKept(source, inventory, choices),
  );
  if (snapshots.length === 0) return [...buckets, ...volumes];
  const gigabytes = sum(snapshots.map((one) => one.gigabytes));
  const loss: Loss = { kind: 'snapshots', count: snapshots.length, gigabytes, newestAt: newestOf(snapshots) };
  return [...buckets, ...volumes, loss];
}

function newestOf(leftovers: Inventory['leftovers']): Date | null {
  const times = leftovers.flatMap(({ createdAt }) => (createdAt === null ? [] : [createdAt.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}

function keptOf(inventory: Inventory, choices: Choices): Kept[] {
  const { keep, includesArtifacts } = choices;
  const buckets = inventory.buckets
    .filter(({ role }) => keep.has('raw') && !(role === 'assets' && includesArtifacts))
    .map(({ name, content }): Kept => ({ what: 'raw', name, monthlyCost: monthlyCostOfBucket(content) }));
  const volumes = inventory.volumes
    .filter(({ role, isThere }) => isThere && keep.has(role))
    .map(({ id, role, gigabytes }): Kept => {
      const monthlyCost = monthlyCostOfLeftover({ kind: 'snapshot', gigabytes });
      return { what: role, name: id, monthlyCost };
    });
  return [...buckets, ...volumes];
}
