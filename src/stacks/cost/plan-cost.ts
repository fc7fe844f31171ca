import { LAYER_NAMES, type LayerName } from '../catalog.ts';
import type { StackDescription } from '../ports/cloudformation.ts';
import type { CostLine } from './cost-line.ts';
import { readDeployed } from './deployed.ts';
import { estimateMonthly, largestLines } from './estimate.ts';
import type { CostInput } from './model.ts';
import { PRICE_DATE } from './prices.ts';

/** What a deploy does to the bill. US dollars a month. */
export interface PlanCost {
  readonly before: number;
  readonly after: number;
  /** Of what is paid for afterwards, the most expensive first. */
  readonly largest: readonly CostLine[];
  /** False: something has no price, so `after` is too low. */
  readonly isComplete: boolean;
  /** `2026-08` */
  readonly pricesOf: string;
}

const SHOWN = 3;

/** @param layers those that are deployed now; others stay as they are */
export function costOfPlan(
  stacks: ReadonlyMap<LayerName, StackDescription | null>,
  settings: CostInput,
  layers: readonly LayerName[],
): PlanCost {
  const deployed = readDeployed(stacks, settings);
  const there = LAYER_NAMES.filter((layer) => layers.includes(layer) || deployed.layers.includes(layer));
  const webDb = there.includes('web-db');
  const after = estimateMonthly({ ...settings, webDb }, there);
  return {
    before: estimateMonthly(deployed.input, deployed.layers).total,
    after: after.total,
    largest: largestLines(after, SHOWN),
    isComplete: after.isComplete,
    pricesOf: PRICE_DATE,
  };
}
