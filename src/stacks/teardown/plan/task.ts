import type { LeftoverKind } from '../../ports/leftovers.ts';

/** One thing that teardown does. Everything it acts on is named here, so that nothing else is ever touched. */
export type Action =
  | { readonly type: 'stop-schedule'; readonly rule: string }
  | { readonly type: 'stop-ingest'; readonly functionName: string }
  | { readonly type: 'detach-etl'; readonly functionName: string }
  | { readonly type: 'free-cards'; readonly vpcId: string; readonly securityGroupIds: readonly string[] }
  | { readonly type: 'empty-bucket'; readonly bucket: string; readonly isDeleted: boolean }
  | { readonly type: 'allow-writes'; readonly bucket: string }
  | { readonly type: 'delete-stack'; readonly name: string; readonly id: string }
  | { readonly type: 'delete-snapshots'; readonly volumeId: string }
  | { readonly type: 'remove-leftovers'; readonly kind: LeftoverKind; readonly ids: readonly string[] };

/** The seeds' clean-up list, with what comes before and behind it; 1 is the web shop, which has no stack yet. */
export const STEPS = [
  { number: '0', name: 'stop' },
  { number: '2', name: 'api' },
  { number: '3', name: 'schedule' },
  { number: '4', name: 'buckets' },
  { number: '5', name: 'servers' },
  { number: '6', name: 'network' },
  { number: '+', name: 'also' },
] as const;

export type StepName = (typeof STEPS)[number]['name'];

export interface Task {
  /** `delete-stack:network`; the same for the same thing in every run. */
  readonly id: string;
  readonly step: StepName;
  /** `stack sbw-dev-network` */
  readonly title: string;
  /** What is in it, `VPC, 2 subnets, ...`; '' when the title says all. */
  readonly detail: string;
  readonly action: Action;
  /** Tasks that must have succeeded; those that are not in the plan count as done. */
  readonly needs: readonly string[];
  /** Tasks that must have ended, well or not. */
  readonly after: readonly string[];
  readonly deadlineMinutes: number;
}
