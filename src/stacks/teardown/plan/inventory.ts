import type { BucketDescription } from '../../ports/buckets.ts';
import type { StackDescription, StackResource } from '../../ports/cloudformation.ts';
import type { Leftover } from '../../ports/leftovers.ts';
import type { Volume, Vpc } from '../../ports/networks.ts';
import type { FunctionDescription, RuleDescription } from '../../ports/writers.ts';

/** Everything of one stage at one moment: what the plan is made of. */
export interface Inventory {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly at: Date;
  readonly stacks: readonly StackFact[];
  /** Stacks with a name of ours and without our tags: somebody else's, never touched. */
  readonly strangers: readonly string[];
  readonly rule: RuleDescription | null;
  readonly ingest: FunctionDescription | null;
  readonly etl: FunctionDescription | null;
  readonly vpc: Vpc | null;
  readonly buckets: readonly BucketFact[];
  readonly volumes: readonly VolumeFact[];
  readonly leftovers: readonly Leftover[];
  /** That functions and builds of ours write to, whether they are there or not. */
  readonly logGroups: readonly string[];
  /** Null when nobody could ask it. */
  readonly warehouse: WarehouseFact | null;
  /** What could not be looked at, most often for want of a permission. */
  readonly unknown: readonly Unknown[];
}

export interface StackFact {
  readonly layer: string;
  readonly stack: StackDescription;
  /** Those that are there: neither deleted nor never made. */
  readonly resources: readonly StackResource[];
}

export type BucketRole = 'raw' | 'assets';

export interface BucketFact extends Pick<BucketDescription, 'name' | 'isWriteDenied'> {
  readonly role: BucketRole;
  readonly content: BucketContent;
}

export interface BucketContent {
  /** Newest versions that are no markers. */
  readonly objects: number;
  /** All versions and markers. */
  readonly versions: number;
  readonly bytes: number;
  readonly oldestAt: Date | null;
  /** The listing was long and was given up: all numbers are "at least". */
  readonly isCut: boolean;
}

export type VolumeRole = 'warehouse' | 'web-db';

export interface VolumeFact extends Volume {
  readonly role: VolumeRole;
  /** False for a volume of a stack that was deleted before: only its snapshots are left. */
  readonly isThere: boolean;
}

/** What the warehouse says about itself, where it can be reached. */
export interface WarehouseFact {
  readonly rows: number;
  readonly newestEventAt: Date | null;
  /** Hours with raw events that were never loaded, or not to the end. */
  readonly hoursNotLoaded: number | null;
}

export interface Unknown {
  /** `log groups` */
  readonly what: string;
  readonly reason: string;
}

/** The physical id of a resource of one layer; null when it is not there. */
export function idIn(stacks: readonly StackFact[], layer: string, logicalId: string): string | null {
  const resources = stacks.find((one) => one.layer === layer)?.resources ?? [];
  return resources.find((one) => one.logicalId === logicalId)?.physicalId ?? null;
}
