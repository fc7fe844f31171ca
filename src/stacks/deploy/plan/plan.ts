import { createHash } from 'node:crypto';
import type { LayerName } from '../../catalog.ts';
import { type ChangeKind, type PlannedChange } from './change.ts';

/** What a deploy will do. `apply` does exactly this, or stops. */
export interface DeployPlan {
  /** `p_7f3a91c0`: changes when anything would be done differently, or to something else. */
  readonly id: string;
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly madeAt: Date;
  /** All that were asked for, in the order of the catalog. */
  readonly layers: readonly LayerPlan[];
  readonly steps: PlannedSteps;
}

export interface LayerPlan {
  readonly layer: LayerName;
  /** Plain words. */
  readonly title: string;
  readonly about: string;
  readonly stackName: string;
  /** `recreate`: what a failed first creation left is deleted before. */
  readonly action: 'create' | 'recreate' | 'update' | 'none';
  /** Null: there is no stack yet. */
  readonly before: StackState | null;
  readonly templateHash: string;
  /** All parameters of the template; null for what is known only when something before it is made. */
  readonly parameters: Readonly<Record<string, string | null>>;
  /** Nothing that comes before it changes, so `changes` are final. */
  readonly isSettled: boolean;
  readonly changes: readonly PlannedChange[];
  readonly typicalMinutes: number;
}

/** By which a later look tells that somebody was there in between. */
export interface StackState {
  readonly stackId: string;
  readonly status: string;
  /** ISO 8601. */
  readonly changedAt: string;
}

/** What is done beside stacks. */
export interface PlannedSteps {
  /** Names of secrets to be made, below the stage's path. */
  readonly secrets: readonly string[];
  readonly uploads: readonly { readonly key: string; readonly bytes: number }[];
  readonly buildsBundle: boolean;
  /** The warehouse server is to take what this version of sbw brings for it. */
  readonly updatesHost: boolean;
  readonly smokeTest: boolean;
  /** Termination protection for stacks of a protected stage that lack it. */
  readonly protects: boolean;
  readonly schedule: 'enable' | 'disable' | 'none';
}

/** The id is the fingerprint of everything but the time. */
export function identifyPlan(plan: Omit<DeployPlan, 'id'>): DeployPlan {
  const { madeAt, layers, ...rest } = plan;
  const essence = layers.map(({ title: _title, about: _about, typicalMinutes: _minutes, ...layer }) => layer);
  const hash = createHash('sha256').update(canonical({ ...rest, layers: essence }));
  return { id: `p_${hash.digest('hex').slice(0, 8)}`, madeAt, layers, ...rest };
}

export function hasWork({ layers, steps }: Pick<DeployPlan, 'layers' | 'steps'>): boolean {
  const { secrets, uploads, buildsBundle, updatesHost, smokeTest, protects, schedule } = steps;
  return (
    layers.some(({ action }) => action !== 'none') ||
    secrets.length + uploads.length > 0 ||
    buildsBundle ||
    updatesHost ||
    smokeTest ||
    protects ||
    schedule !== 'none'
  );
}

export function changesAtRisk({ layers }: Pick<DeployPlan, 'layers'>): readonly PlannedChange[] {
  return layers.flatMap(({ changes }) => changes.filter(({ isDataAtRisk }) => isDataAtRisk));
}

export function countChanges(layers: readonly LayerPlan[]): Readonly<Record<ChangeKind, number>> {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, import: 0 };
  for (const { kind } of layers.flatMap(({ changes }) => changes)) counts[kind] += 1;
  return counts;
}

/** JSON whose object keys are in order, so that equal values give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}
