import type { LayerName } from '../catalog.ts';
import { estimateMonthly } from './estimate.ts';
import type { CostInput } from './model.ts';
import { SERVER_TYPES } from './prices.ts';

/** Something the operator can do to pay less. */
export interface Lever {
  /** Stable, for scripts: `batch-events`. */
  readonly id: string;
  /** Plain words. */
  readonly title: string;
  /** What to do. */
  readonly how: string;
  /** What it costs otherwise. */
  readonly price: string;
  /** US dollars a month. */
  readonly saves: number;
}

interface Rule extends Omit<Lever, 'saves' | 'how'> {
  how(input: CostInput): string;
  /** What the settings would be; null when there is nothing to gain. */
  change(input: CostInput): Partial<CostInput> | null;
}

const BATCH = 10;
/** Below it PostgreSQL and R do not fit together into the memory of one server. */
const SMALLEST_WAREHOUSE = 't3.small';
/** What keeps being paid after `sbw teardown --keep raw,warehouse`. */
const KEPT = new Set(['raw-storage', 'warehouse-snapshots']);

const RULES: readonly Rule[] = [
  {
    id: 'batch-events',
    title: `${BATCH} events in one request`,
    price: 'an event waits in the browser until ten are there',
    how: () => 'let the tracker send arrays, then: --set eventsPerRequest=10',
    change: ({ eventsPerRequest }) => (eventsPerRequest < BATCH ? { eventsPerRequest: BATCH } : null),
  },
  {
    id: 'no-web-db',
    title: 'No server for the web database',
    price: 'the database of the shop has to live elsewhere',
    how: () => 'before the first deploy: --set webDb=false',
    change: ({ webDb }) => (webDb ? { webDb: false } : null),
  },
  {
    id: 'no-ec2messages',
    title: 'No third Systems Manager door',
    price: 'nothing: agents from 3.3.40.0 on do not need it',
    how: () => 'sbw deploy --set ec2Messages=false',
    change: ({ ec2Messages }) => (ec2Messages ? { ec2Messages: false } : null),
  },
  {
    id: 'smaller-warehouse',
    title: 'The warehouse server one size smaller',
    price: 'half the memory; the server restarts, data stays',
    how: (input) => `sbw deploy --set warehouseInstanceType=${oneSmaller(input) ?? ''}`,
    change: (input) => {
      const warehouseInstanceType = oneSmaller(input);
      return warehouseInstanceType === null ? null : { warehouseInstanceType };
    },
  },
];

/**
 * What can be done about an estimate, the largest saving first.
 *
 * @param layers @see estimateMonthly
 */
export function findLevers(input: CostInput, layers?: readonly LayerName[]): readonly Lever[] {
  const { total, lines } = estimateMonthly(input, layers);
  const changes = RULES.flatMap((rule): Lever[] => {
    const change = rule.change(input);
    if (change === null) return [];
    const { id, title, price } = rule;
    const saves = total - estimateMonthly({ ...input, ...change }, layers).total;
    return [{ id, title, price, how: rule.how(input), saves }];
  });
  const kept = lines.reduce((sum, { id, usd }) => sum + (KEPT.has(id) ? (usd ?? 0) : 0), 0);
  const pause: Lever = {
    id: 'teardown-between',
    title: 'Nothing at all while nobody uses it',
    how: 'sbw teardown --keep raw,warehouse   and later: sbw deploy',
    price: 'no ingest meanwhile; the rows are loaded again later',
    saves: total - kept,
  };
  return [...changes, pause].filter(({ saves }) => saves >= 0.01).toSorted((a, b) => b.saves - a.saves);
}

function oneSmaller({ warehouseInstanceType }: CostInput): string | null {
  const index = SERVER_TYPES.indexOf(warehouseInstanceType);
  return index > SERVER_TYPES.indexOf(SMALLEST_WAREHOUSE) ? (SERVER_TYPES[index - 1] ?? null) : null;
}
