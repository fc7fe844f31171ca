import type { Question } from '../../etl/rollups/questions.ts';
import type { TabReport, TabTable } from '../../etl/rollups/tabs.ts';
import { formatCount } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTable } from '../table.ts';
import { formatHead } from './render-head.ts';

type Row = TabTable['rows'][number];
type Cell = TabTable['columns'][number];

/** Of the tables that are too wide for a screen; the JSON has every column. */
const SHOWN: Partial<Record<Question, readonly string[]>> = {
  products: ['name', 'category', 'views', 'adds', 'cart_rate', 'conversion', 'sold_value', 'at_risk'],
  groups: ['label', 'views', 'adds', 'cart_rate', 'conversion', 'sold_value', 'at_risk'],
  'funnel-by': ['label', 'step1', 'step2', 'step3', 'step4', 'step5'],
  trails: ['step1', 'step2', 'step3', 'step4', 'sessions', 'conversions'],
  checks: ['check_name', 'tone', 'count', 'total', 'command'],
};
/** What a column is called, where its name in SQL says too little. */
const TITLES: Partial<Record<Question, Readonly<Record<string, string>>>> = {
  'funnel-by': {
    label: '',
    step1: 'visited',
    step2: 'product',
    step3: 'cart',
    step4: 'checkout',
    step5: 'done',
  },
};
const SHARES = new Set(['cart_rate', 'conversion']);
const NUMBER = /^(bigint|integer|double)/;
const TIME = /^(date|timestamptz)/;
/** The minutes of an hour and the days of two years are too many lines: of those the newest are shown. */
const MAX_TIMES = 31;

/** A tab of the dashboard as tables. */
export function formatTab(report: TabReport, now: Date): string {
  const head = report.range === null ? 'Nothing is counted yet.' : formatHead(report.data, report.range, now);
  return [head, ...report.tables.map((table) => formatPart(report, table))].join('\n');
}

function formatPart({ range }: TabReport, table: TabTable): string {
  const ignored = [
    range !== null && range.login !== '' && !table.filters.includes('login') ? 'login' : '',
    range !== null && range.by !== '' && !table.filters.includes('item') ? range.by : '',
  ].filter((name) => name !== '');
  const note = ignored.length === 0 ? '' : paint.yellow(`   without the filter by ${ignored.join(' and ')}`);
  return `\n${paint.bold(table.name)}${note}\n${formatRows(table)}`;
}

function formatRows(table: TabTable): string {
  if (table.rows.length === 0) return '  none';
  if (table.question === 'heatmap') return formatHeatmap(table.rows);
  if (table.question === 'retention') return formatRetention(table.rows);
  const wanted = SHOWN[table.question] ?? table.columns.map(({ name }) => name);
  const columns = wanted.map((name) => table.columns.find((column) => column.name === name)!);
  return formatTable(
    columns.map(({ name, type }, index) => ({
      title: `${index === 0 ? '  ' : ''}${titleOf(table.question, name, type)}`,
      align: NUMBER.test(type) ? 'right' : 'left',
    })),
    (TIME.test(columns[0]!.type) ? table.rows.slice(-MAX_TIMES) : table.rows).map((row) =>
      columns.map((column, index) => `${index === 0 ? '  ' : ''}${formatCell(row, column)}`),
    ),
  );
}

function titleOf(question: Question, name: string, type: string): string {
  const title = TITLES[question]?.[name] ?? name.replaceAll('_', ' ');
  return type.startsWith('timestamp') ? `${title} (UTC)` : title;
}

function formatCell(row: Row, { name, type }: Cell): string {
  const value = row[name];
  if (typeof value === 'number') {
    const isShare = SHARES.has(name) && type.startsWith('double');
    return isShare ? `${(100 * value).toFixed(1)} %` : formatCount(Math.round(value));
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'string') return '-';
  // `2026-11-24T20:58:07.123+00:00`, to the second.
  if (type.startsWith('timestamp')) return value.slice(0, 19).replace('T', ' ');
  // A command is there to be pasted.
  return oneLine(value, name === 'command' ? 200 : 40);
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** From nothing to the most. */
const SHADES = ' .:-=+*#%@';

/** A line a weekday, a sign for each hour: the heavier, the more sessions. */
function formatHeatmap(rows: TabTable['rows']): string {
  const most = Math.max(1, ...rows.map(({ sessions }) => Number(sessions)));
  const lines = WEEKDAYS.map((name, index) => {
    const ofDay = rows.filter(({ weekday }) => weekday === index + 1);
    const signs = ofDay.map(
      ({ sessions }) => SHADES[Math.ceil((Number(sessions) / most) * (SHADES.length - 1))],
    );
    const total = ofDay.reduce((sum, { sessions }) => sum + Number(sessions), 0);
    return `  ${name}  ${signs.map((sign) => `${sign}${sign}`).join('')}  ${formatCount(total)}`;
  });
  const hours = Array.from({ length: 12 }, (_, index) =>
    String(index * 2)
      .padStart(2, '0')
      .padEnd(4),
  ).join('');
  return [
    `       ${hours} sessions`,
    ...lines,
    `       "@" is up to ${formatCount(most)} sessions an hour`,
  ].join('\n');
}

/** A line a week: its new visitors, and the share of them that came back n weeks later. */
function formatRetention(rows: TabTable['rows']): string {
  const weeks = [...new Set(rows.map(({ week }) => String(week)))].slice(-MAX_TIMES);
  const last = Math.min(8, Math.max(...rows.map(({ week_offset: offset }) => Number(offset))));
  const visitorsOf = (week: string, offset: number): number | undefined =>
    rows.find((row) => row['week'] === week && row['week_offset'] === offset)?.['visitors'] as
      number | undefined;
  const offsets = Array.from({ length: last }, (_, index) => index + 1);
  return formatTable(
    [
      { title: '  week of' },
      { title: 'visitors', align: 'right' },
      ...offsets.map((offset) => ({ title: `+${offset} wk`, align: 'right' as const })),
    ],
    weeks.map((week) => {
      const first = visitorsOf(week, 0) ?? 0;
      const shares = offsets.map((offset) => {
        const back = visitorsOf(week, offset);
        return back === undefined || first === 0 ? '' : `${Math.round((100 * back) / first)} %`;
      });
      return [`  ${week}`, formatCount(first), ...shares];
    }),
  );
}
