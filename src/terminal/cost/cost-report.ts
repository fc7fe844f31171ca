import type { MonthlyEstimate } from '../../stacks/cost/estimate.ts';
import type { Lever } from '../../stacks/cost/levers.ts';
import type { CostInput } from '../../stacks/cost/model.ts';
import type { UnitCost } from '../../stacks/cost/unit-cost.ts';

/** What `sbw cost` found out. */
export interface CostReport {
  readonly stage: string;
  /** Null: nobody said where. */
  readonly region: string | null;
  /** `deployed`: sizes are those of the stacks; `settings`: those that a deploy would make. */
  readonly basis: 'settings' | 'deployed';
  readonly input: CostInput;
  readonly estimate: MonthlyEstimate;
  readonly perMillion: UnitCost;
  readonly requestSizes: readonly UnitCost[];
  readonly levers: readonly Lever[];
}
