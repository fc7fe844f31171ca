import type { CostLine } from '../../stacks/cost/cost-line.ts';
import { PRICE_DATE, PRICE_REGION } from '../../stacks/cost/prices.ts';
import type { UnitCost } from '../../stacks/cost/unit-cost.ts';
import type { CostReport } from './cost-report.ts';
import { roundMoney } from './money.ts';
import { listPrices } from './render-prices.ts';

/** `sbw.cost/1` of docs/cost.md. */
export function costToJson(report: CostReport): Record<string, unknown> {
  const { stage, region, basis, input, estimate, perMillion, requestSizes, levers } = report;
  return {
    schema: 'sbw.cost/1',
    ...{ stage, region, basis },
    ...{ price_region: PRICE_REGION, price_date: PRICE_DATE },
    monthly_usd: roundMoney(estimate.total),
    complete: estimate.isComplete,
    traffic: { events_per_month: input.eventsPerMonth, events_per_request: input.eventsPerRequest },
    lines: estimate.lines.map(lineToJson),
    per_million_events: unitToJson(perMillion),
    request_sizes: requestSizes.map(unitToJson),
    levers: levers.map(({ id, title, how, price, saves }) => ({
      ...{ id, title, how, price },
      saves_usd: roundMoney(saves),
    })),
  };
}

/** `sbw.prices/1` of docs/cost.md. */
export function pricesToJson(): Record<string, unknown> {
  return {
    schema: 'sbw.prices/1',
    region: PRICE_REGION,
    prices: listPrices().map(([name, { usd, unit, seenAt, source, isConfirmed }]) => ({
      ...{ name, usd, unit, source, seen_at: seenAt, confirmed: isConfirmed },
    })),
  };
}

function lineToJson({
  id,
  layer,
  title,
  detail,
  usd,
  isConfirmed,
  growsWithEvents,
}: CostLine): Record<string, unknown> {
  return {
    ...{ id, layer, title, detail },
    usd: usd === null ? null : roundMoney(usd),
    confirmed: isConfirmed,
    grows_with_events: growsWithEvents,
  };
}

function unitToJson({ eventsPerRequest, total }: UnitCost): Record<string, number> {
  return { events_per_request: eventsPerRequest, usd: roundMoney(total) };
}
