import type { CostLine } from '../../stacks/cost/cost-line.ts';
import type { Lever } from '../../stacks/cost/levers.ts';
import { PRICE_DATE, PRICE_REGION } from '../../stacks/cost/prices.ts';
import { formatCount } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTable } from '../table.ts';
import type { CostReport } from './cost-report.ts';
import { formatMoney } from './money.ts';

const NOT_INCLUDED = [
  'Not included: data sent out of AWS, raw events of earlier months, free tiers,',
  'taxes, the web app.',
];

/** The whole answer of `sbw cost`. */
export function formatCost(report: CostReport): string {
  const { stage, basis, estimate, input } = report;
  if (basis === 'deployed' && estimate.lines.length === 0) {
    return `Nothing of stage ${stage} is deployed${report.region === null ? '' : ` in ${oneLine(report.region)}`}.`;
  }
  const least = estimate.isComplete ? 'about' : 'at least';
  const what = basis === 'deployed' ? 'as it is deployed' : 'as the settings say';
  const ofEvents = estimate.lines.filter(({ growsWithEvents }) => growsWithEvents);
  const moving = ofEvents.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
  const traffic = `${formatCount(input.eventsPerMonth)} events a month, ${formatCount(input.eventsPerRequest)} in a request`;
  return [
    `Cost of stage ${stage}, ${what}: ${paint.bold(`${least} ${formatMoney(estimate.total)} a month`)}`,
    ...formatWarnings(report),
    '',
    formatLines(estimate.lines),
    '',
    `${formatMoney(estimate.total - moving)} in any case, ${formatMoney(moving)} for traffic:`,
    `${traffic}.`,
    '',
    ...formatUnit(report),
    ...(report.levers.length === 0 ? [] : ['', 'To pay less:', ...formatLevers(report.levers)]),
    '',
    `Prices of ${PRICE_DATE}, ${PRICE_REGION}, on demand: sbw cost --prices`,
    '~ rests on a price that is known second-hand.',
    ...NOT_INCLUDED,
  ].join('\n');
}

function formatWarnings({ region, estimate }: CostReport): string[] {
  const unknown = estimate.lines.filter(({ usd }) => usd === null);
  return [
    ...unknown.map(
      ({ title, detail }) => `${paint.yellow('too low')}: ${title} (${oneLine(detail)}) is not in it`,
    ),
    ...(region === null || region === PRICE_REGION
      ? []
      : [
          `${paint.yellow('another region')}: ${oneLine(region)} has prices of its own; these are of ${PRICE_REGION}`,
        ]),
  ];
}

function formatLines(lines: readonly CostLine[]): string {
  return formatTable(
    [{ title: 'layer' }, { title: 'what' }, { title: 'USD/month', align: 'right' }, { title: 'counted' }],
    lines.map(({ layer, title, detail, usd, isConfirmed }, index) => [
      lines[index - 1]?.layer === layer ? '' : layer,
      title,
      usd === null ? 'unknown' : `${isConfirmed ? '' : '~'}${formatMoney(usd).slice(1)}`,
      oneLine(detail),
    ]),
  );
}

function formatUnit({ perMillion, requestSizes }: CostReport): string[] {
  return [
    `A million events more: ${formatMoney(perMillion.total)} with ${perMillion.eventsPerRequest} in a request.`,
    formatTable(
      [
        { title: '  events in a request' },
        ...requestSizes.map(({ eventsPerRequest }) => ({
          title: String(eventsPerRequest),
          align: 'right' as const,
        })),
      ],
      [['  USD a million', ...requestSizes.map(({ total }) => total.toFixed(2))]],
    ),
  ];
}

function formatLevers(levers: readonly Lever[]): string[] {
  const savings = levers.map(({ saves }) => formatMoney(-saves));
  const width = Math.max(...savings.map((saving) => saving.length));
  return levers.flatMap(({ title, how, price }, index) => [
    `  ${paint.green(savings[index]!.padStart(width))}  ${title}`,
    `  ${' '.repeat(width)}  ${how}`,
    `  ${' '.repeat(width)}  ${paint.dim(`in return: ${price}`)}`,
  ]);
}
