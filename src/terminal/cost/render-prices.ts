import { PRICES, PRICE_REGION, SERVER_TYPES, priceOfServer, type Price } from '../../stacks/cost/prices.ts';
import { paint } from '../paint.ts';
import { formatTable } from '../table.ts';

type Named = readonly [name: string, price: Price];

/** Every price that estimates are made of, by name. */
export function listPrices(): readonly Named[] {
  const servers = SERVER_TYPES.map((type) => [type, priceOfServer(type)!] as const);
  return [...Object.entries<Price>(PRICES), ...servers];
}

/** The table behind `sbw cost --prices`: a block for each source, what is confirmed first. */
export function formatPrices(): string {
  const sourceOf = ([, { seenAt, source }]: Named): string => `${seenAt}  ${source}`;
  const prices = listPrices().toSorted(
    (a, b) => Number(b[1].isConfirmed) - Number(a[1].isConfirmed) || sourceOf(a).localeCompare(sourceOf(b)),
  );
  const [titles = '', ...lines] = formatTable(
    [{ title: 'price' }, { title: 'USD', align: 'right' }, { title: 'per' }],
    prices.map(([name, { usd, unit, isConfirmed }]) => [
      name,
      `${isConfirmed ? '' : '~'}${formatPrice(usd)}`,
      unit,
    ]),
  ).split('\n');
  return [
    `Prices that sbw brings along: ${PRICE_REGION}, on demand, without taxes.`,
    '~ is known second-hand only.',
    '',
    titles,
    ...prices.flatMap((price, index) => {
      const source = sourceOf(price);
      const before = prices[index - 1];
      const isNew = before === undefined || sourceOf(before) !== source;
      return isNew ? [paint.bold(source), lines[index]!] : [lines[index]!];
    }),
  ].join('\n');
}

/** A few dollars or a few millionths: never in powers of ten. */
function formatPrice(usd: number): string {
  return usd.toFixed(10).replace(/0+$/, '').replace(/\.$/, '');
}
