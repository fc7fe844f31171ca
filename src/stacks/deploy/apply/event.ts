import type { LayerName } from '../../catalog.ts';
import type { SmokeStep } from '../steps/smoke-test.ts';

/** What is done as one: a layer, or one of the steps beside them. */
export type TaskId = LayerName | StepName;

export type StepName = 'secrets' | 'assets' | 'bundle' | 'host' | 'smoke' | 'protection' | 'schedule';

export type TaskOutcome =
  | { readonly outcome: 'done' }
  /** There was nothing to do. */
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'failed'; readonly error: Error }
  /** Something that it needs failed. */
  | { readonly outcome: 'skipped'; readonly because: TaskId }
  /** Nobody waits for it any more; what CloudFormation has begun goes on. */
  | { readonly outcome: 'stopped' };

/** What happens while a plan is applied, for whoever shows or records it. */
export type DeployEvent =
  | { readonly type: 'task-started'; readonly task: TaskId }
  | { readonly type: 'task-progress'; readonly task: TaskId; readonly text: string }
  | { readonly type: 'resource-changed'; readonly task: TaskId; readonly resource: ResourceProgress }
  | { readonly type: 'smoke-step'; readonly step: SmokeStep }
  | {
      readonly type: 'task-ended';
      readonly task: TaskId;
      readonly end: TaskOutcome;
      readonly durationMs: number;
    };

export interface ResourceProgress {
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly resourceType: string;
  /** Plain words. */
  readonly title: string;
  /** As CloudFormation writes it: `CREATE_IN_PROGRESS`. */
  readonly status: string;
  readonly reason: string;
  readonly at: Date;
}

export type Emit = (event: DeployEvent) => void;
