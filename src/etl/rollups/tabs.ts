import type { Session } from '../ports.ts';
import { ask, columnsOf, filtersOf, parametersOf, type Question, type Range } from './questions.ts';
import { rangeOf, shiftDay, STALE_MINUTES, type DataState, type ReportRequest } from './report.ts';

/** A tab of the dashboard beside its overview. */
export type Tab = 'funnel' | 'products' | 'time' | 'sessions' | 'live' | 'quality';

/** One question of a tab. */
interface TableOfTab {
  readonly name: string;
  readonly question: Question;
  /** Parameters beside those of the range. */
  readonly more?: Readonly<Record<string, string>>;
}

/** As many rows as a screen takes kindly. */
const ROWS = '12';
const BY = ['category', 'brand', 'product', 'login'] as const;

const TABLES: Readonly<Record<Tab, readonly TableOfTab[]>> = {
  funnel: [
    { name: 'funnel', question: 'funnel' },
    ...BY.map((kind) => ({
      name: `funnel by ${kind}`,
      question: 'funnel-by' as const,
      more: { kind, rows: ROWS },
    })),
  ],
  products: [
    { name: 'products', question: 'products' },
    { name: 'categories', question: 'groups', more: { kind: 'category', rows: ROWS } },
    { name: 'brands', question: 'groups', more: { kind: 'brand', rows: ROWS } },
  ],
  time: [{ name: 'sessions by weekday and hour', question: 'heatmap' }],
  sessions: [
    { name: 'trails', question: 'trails', more: { rows: ROWS } },
    { name: 'entry pages', question: 'pages', more: { kind: 'entry', rows: ROWS } },
    { name: 'exit pages', question: 'pages', more: { kind: 'exit', rows: ROWS } },
    { name: 'events per session', question: 'depth' },
    { name: 'new and returning visitors', question: 'returning' },
    { name: 'who comes back', question: 'retention' },
  ],
  live: [
    { name: 'the last loaded hour', question: 'live-now' },
    { name: 'by minute', question: 'live-minutes' },
    { name: 'latest events', question: 'live-events', more: { rows: ROWS } },
  ],
  quality: [
    { name: 'checks', question: 'checks' },
    { name: 'quarantine by reason', question: 'reasons' },
    { name: 'missing hours', question: 'missing-hours', more: { rows: ROWS } },
    { name: 'events by day of load', question: 'loads' },
  ],
};

/** Rows of a question of the dashboard, column by column as its SQL file says. */
export interface TabTable {
  readonly name: string;
  readonly question: Question;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Which of the range's filters it heeds; any other is ignored, and should be said so. */
  readonly filters: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface TabReport {
  readonly tab: Tab;
  readonly data: DataState;
  /** Null when there is no data at all; then only tables without days have rows. */
  readonly range: Range | null;
  readonly tables: readonly TabTable[];
}

/** Reads a tab in one session, so that a transaction around it sees one state. */
export async function readTab(session: Session, tab: Tab, request: ReportRequest): Promise<TabReport> {
  const [data] = (await ask<DataState>(session, 'version', {})) as [DataState];
  const range = rangeOf(data, request);
  const given = {
    ...range,
    stale_minutes: String(STALE_MINUTES),
    bots: request.filter.bots,
    sort: request.sort,
    rows: String(request.products),
  };
  const tables: TabTable[] = [];
  for (const { name, question, more } of TABLES[tab]) {
    const columns = columnsOf(question);
    const days = question === 'retention' && range !== null ? { from_day: retentionFrom(range) } : {};
    const rows =
      range === null && parametersOf(question).includes('from_day')
        ? []
        : await ask<Record<string, unknown>>(session, question, { ...given, ...days, ...more });
    tables.push({ name, question, columns, filters: filtersOf(question), rows });
  }
  return { tab, data, range, tables };
}

/** Coming back takes weeks: the table has eight of them at least, as on the dashboard. */
const RETENTION_DAYS = 56;

function retentionFrom({ from_day, to_day }: Range): string {
  const earliest = shiftDay(to_day, 1 - RETENTION_DAYS);
  return earliest < from_day ? earliest : from_day;
}
