import type { WarehouseReport } from '../../etl/store/report.ts';
import { formatBars } from '../chart.ts';
import { formatCount, formatTime } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTable } from '../table.ts';

const STEP_NAMES: Readonly<Record<string, string>> = {
  visit: 'visit',
  product_view: 'looked at a product',
  add_to_cart_click: 'put one into the cart',
  checkout_start: 'went to checkout',
  checkout_complete: 'bought',
};

/** The warehouse on one screen. */
export function formatReport(report: WarehouseReport, width: number): string {
  return [
    heading('Totals'),
    formatTotals(report.totals),
    heading('Events per day (UTC)'),
    formatBars(
      report.days.map(({ day, events, sessions }) => ({
        label: day,
        value: events,
        note: `${formatCount(sessions)} sessions`,
      })),
      width,
    ),
    heading('Funnel, by session'),
    formatFunnel(report.funnel, width),
    heading('Top products'),
    formatProducts(report.products),
    heading('Quarantine, by reason'),
    report.quarantine.length === 0
      ? '  nothing'
      : formatBars(
          report.quarantine.map(({ reason, events }) => ({ label: reason, value: events })),
          width,
        ),
  ].join('\n');
}

function heading(text: string): string {
  return `\n${paint.bold(text)}`;
}

function formatTotals({
  events,
  sessions,
  clients,
  first_event_at,
  last_event_at,
}: WarehouseReport['totals']): string {
  const numbers = `  ${formatCount(events)} events   ${formatCount(sessions)} sessions   ${formatCount(clients)} visitors`;
  if (first_event_at === null || last_event_at === null) return numbers;
  return `${numbers}\n  from ${formatTime(first_event_at)} to ${formatTime(last_event_at)} UTC`;
}

function formatFunnel(funnel: WarehouseReport['funnel'], width: number): string {
  const all = funnel[0]?.sessions ?? 0;
  return formatBars(
    funnel.map(({ step, sessions }) => ({
      label: STEP_NAMES[step] ?? step,
      value: sessions,
      note: all === 0 ? '' : `${((100 * sessions) / all).toFixed(1).padStart(5)} %`,
    })),
    width,
  );
}

function formatProducts(products: WarehouseReport['products']): string {
  const right = 'right' as const;
  const table = formatTable(
    [
      { title: 'product' },
      { title: 'views', align: right },
      { title: 'carts', align: right },
      { title: 'orders', align: right },
      { title: 'revenue', align: right },
    ],
    products.map(({ product_id, name, views, carts, orders, revenue }) => [
      oneLine(name ?? product_id, 32),
      formatCount(views),
      formatCount(carts),
      formatCount(orders),
      revenue,
    ]),
  );
  return table.replace(/^/gm, '  ');
}
