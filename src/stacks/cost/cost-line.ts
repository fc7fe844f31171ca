import type { LayerName } from '../catalog.ts';
import type { Price } from './prices.ts';

/** One thing on the bill. */
export interface CostLine {
  /** Stable, for scripts: `warehouse-server`. */
  readonly id: string;
  /** Whose stack brings it. */
  readonly layer: LayerName;
  /** Plain words. */
  readonly title: string;
  /** What is counted: `2 x 730 h`. */
  readonly detail: string;
  /** US dollars a month; null when we have no price. */
  readonly usd: number | null;
  readonly isConfirmed: boolean;
  /** Whether it grows with traffic. */
  readonly growsWithEvents: boolean;
}

interface Use extends Pick<CostLine, 'id' | 'layer' | 'title' | 'detail'> {
  readonly price: Price;
  /** In the unit of the price. */
  readonly units: number;
  readonly growsWithEvents?: boolean;
}

export function lineOf({ price, units, growsWithEvents = false, ...rest }: Use): CostLine {
  return { ...rest, usd: price.usd * units, isConfirmed: price.isConfirmed, growsWithEvents };
}

/** US dollars; lines without a price count as nothing. */
export function totalOf(lines: readonly Pick<CostLine, 'usd'>[]): number {
  return lines.reduce((total, { usd }) => total + (usd ?? 0), 0);
}
