import type { Check, DataState, Numbers, RollupReport, Uncompared } from '../../etl/rollups/report.ts';
import { formatBars } from '../chart.ts';
import { formatCount, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTable } from '../table.ts';
import { formatHead } from './render-head.ts';

/** The dashboard on one screen. */
export function formatRollupReport(
  report: RollupReport,
  { width, now }: { readonly width: number; readonly now: Date },
): string {
  const { data, range } = report;
  if (range === null || report.now === null) {
    return `${whyNothing(data)}\n${formatChecks(report.checks)}`;
  }
  return [
    formatHead(data, range, now),
    '',
    formatNumbers(report.now, report.before),
    ...(report.uncompared === null ? [] : [paint.dim(`  ${UNCOMPARED[report.uncompared](data)}`)]),
    heading('Sessions per day'),
    formatDays(report, width),
    heading('Funnel, sessions in order'),
    formatFunnel(report.funnel, width),
    heading('Products'),
    formatProducts(report.products, data.currency),
    heading('Is the data sound?'),
    formatChecks(report.checks),
  ].join('\n');
}

function whyNothing({ hours_behind: behind, loaded_at: loadedAt }: DataState): string {
  if (behind > 0) return 'Events are loaded, but not counted yet.';
  return loadedAt === null ? 'Nothing is loaded yet.' : 'Objects were read, but no event was accepted yet.';
}

const UNCOMPARED: Readonly<Record<Uncompared, (data: DataState) => string>> = {
  data_begins: ({ data_from: first }) => `not compared: the data begins on ${first}`,
  day_not_over: ({ data_to: last }) => `not compared: ${last} is not over`,
  no_data: ({ data_to: last }) => `not compared: the data ends on ${last}`,
};

function heading(text: string): string {
  return `\n${paint.bold(text)}`;
}

interface Shown {
  readonly title: string;
  readonly valueOf: (numbers: Numbers) => number | null;
  readonly format: (value: number) => string;
  /** A share changes by points, a count by its part. */
  readonly isShare: boolean;
  /** A rise is good, unless it is the bounces'. */
  readonly rise: 1 | -1;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const perSession = (numbers: Numbers, sum: number): number | null =>
  numbers.sessions === 0 ? null : sum / numbers.sessions;
const count = (title: string, valueOf: Shown['valueOf']): Shown => ({
  title,
  valueOf,
  format: formatCount,
  isShare: false,
  rise: 1,
});
const share = (title: string, sumOf: (numbers: Numbers) => number, rise: 1 | -1): Shown => ({
  title,
  valueOf: (numbers) => perSession(numbers, sumOf(numbers)),
  format: percent,
  isShare: true,
  rise,
});

const SHOWN: readonly Shown[] = [
  count('visitors', ({ visitors }) => visitors),
  count('sessions', ({ sessions }) => sessions),
  count('page views', ({ page_views }) => page_views),
  share('put into the cart', ({ carts }) => carts, 1),
  share('conversion', ({ conversions }) => conversions, 1),
  count('orders', ({ conversions }) => conversions),
  share('bounce', ({ bounced }) => bounced, -1),
  {
    title: 'average session',
    valueOf: (numbers) => perSession(numbers, numbers.duration_seconds),
    format: (seconds) => formatDuration(seconds * 1000),
    isShare: false,
    rise: 1,
  },
];

function formatNumbers(now: Numbers, before: Numbers | null): string {
  const rows = SHOWN.map(({ title, valueOf, format, isShare, rise }) => {
    const [value, old] = [valueOf(now), before === null ? null : valueOf(before)];
    return [
      `  ${title}`,
      value === null ? '-' : paint.bold(format(value)),
      formatChange(value, old, isShare, rise),
      old === null ? '' : paint.dim(`before ${format(old)}`),
    ];
  });
  const right = 'right' as const;
  return formatTable(
    [{ title: '' }, { title: '', align: right }, { title: '', align: right }, { title: '' }],
    rows,
  ).replace(/^\n/, '');
}

function formatChange(value: number | null, old: number | null, isShare: boolean, rise: 1 | -1): string {
  if (value === null || old === null || (!isShare && old === 0)) return '';
  const change = isShare ? value - old : value / old - 1;
  const text = `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)} ${isShare ? 'points' : '%'}`;
  if (Math.abs(change) < 0.0005) return paint.dim(text);
  return change * rise > 0 ? paint.green(text) : paint.red(text);
}

/** More would not fit on a screen; the JSON has them all. */
const DAYS_SHOWN = 31;

function formatDays({ days }: RollupReport, width: number): string {
  return formatBars(
    days.slice(-DAYS_SHOWN).map(({ day, sessions, visitors }) => ({
      label: day,
      value: sessions,
      note: visitors === null ? '' : `${formatCount(visitors)} visitors`,
    })),
    width,
  );
}

const STEPS: Readonly<Record<string, string>> = {
  visit: 'visited',
  product: 'viewed a product',
  cart: 'added to cart',
  checkout: 'started checkout',
  done: 'completed checkout',
};

function formatFunnel(funnel: RollupReport['funnel'], width: number): string {
  const all = Math.max(1, funnel[0]?.sessions ?? 0);
  return formatBars(
    funnel.map(({ name, sessions, median_seconds: seconds }) => ({
      label: STEPS[name] ?? name,
      value: sessions,
      note: `${percent(sessions / all)}${seconds === null ? '' : `  after ${formatDuration(seconds * 1000)}`}`,
    })),
    width,
  );
}

function formatProducts(products: RollupReport['products'], currency: string): string {
  if (products.length === 0) return '  none in these days';
  const right = 'right' as const;
  const unit = currency === '' ? '' : ` ${currency}`;
  const rate = (value: number | null): string => (value === null ? '-' : percent(value));
  return formatTable(
    [
      { title: '  product' },
      { title: 'views', align: right },
      { title: 'into cart', align: right },
      { title: 'bought', align: right },
      { title: `sold${unit}`, align: right },
      { title: `left in carts${unit}`, align: right },
    ],
    products.map(({ product_id, name, views, cart_rate, conversion, sold_value, at_risk }) => [
      `  ${oneLine(name ?? product_id, 34)}`,
      formatCount(views),
      rate(cart_rate),
      rate(conversion),
      formatCount(sold_value),
      formatCount(at_risk),
    ]),
  );
}

const CHECKS: Readonly<Record<string, (check: Check) => string>> = {
  fresh: ({ count }) => `newest event ${formatDuration(count * 1000)} ago`,
  rollups: ({ count }) => `${formatCount(count)} loaded hours not counted yet`,
  open: ({ count }) => `${formatCount(count)} hours with objects that could not be read`,
  unreadable: ({ count }) => `${formatCount(count)} unreadable objects`,
  gaps: ({ count, total }) =>
    `${formatCount(count)} hours without a load between ${formatCount(total ?? 0)} loaded`,
  late: ({ count }) => `${formatCount(count)} hours got objects late, and took them in`,
  quarantine: ({ count }) => `${formatCount(count)} events in quarantine`,
  duplicates: ({ count, total }) =>
    `${formatCount(count)} of ${formatCount(total ?? 0)} events came twice, counted once`,
  unnamed: ({ count }) => `${formatCount(count)} events without session and visitor`,
  bots: ({ count, total }) =>
    `${formatCount(count)} of ${formatCount(total ?? 0)} events are bots', left out here`,
};

function formatChecks(checks: readonly Check[]): string {
  const marks = { good: paint.green('ok  '), warn: paint.yellow('look'), bad: paint.red('BAD ') };
  return checks
    .map((check) => {
      const text = CHECKS[check.check_name]?.(check) ?? check.check_name;
      return `  ${marks[check.tone]}  ${text}${check.command === '' ? '' : `   ${paint.bold(check.command)}`}`;
    })
    .join('\n');
}
