import type { Check, Verdict } from '../../stacks/status/check.ts';
import type { StageState, StatusReport } from '../../stacks/status/status.ts';
import { formatMoney } from '../cost/money.ts';
import { oneLine, paint } from '../paint.ts';
import type { StatusScreen } from './status-screen.ts';

const STATE_PAINT: Readonly<Record<StageState, (text: string) => string>> = {
  ok: paint.green,
  absent: paint.dim,
  changing: paint.cyan,
  unknown: paint.yellow,
  degraded: paint.yellow,
  down: paint.red,
};

const VERDICT_WORD: Readonly<Record<Verdict, string>> = {
  ok: paint.green('ok'),
  absent: paint.dim('-'),
  busy: paint.cyan('busy'),
  unknown: paint.yellow('?'),
  warn: paint.yellow('WARN'),
  fail: paint.red('FAIL'),
};

const VERDICT_WIDTH = 4;
const DATA_HINT = 'Which hours are loaded: sbw etl gaps   sbw runs ls';

/** The whole screen of `sbw status`. @param width columns to wrap at */
export function formatStatus(screen: StatusScreen, width: number): string {
  const { report } = screen;
  const fixes = report.checks.filter(({ fix }) => fix !== '').map(({ fix }) => fix);
  return [
    formatTitle(screen),
    ...(report.blind === null ? formatChecks(report, width) : formatBlind(report.blind, width)),
    ...[...new Set(fixes)].map((fix, index) => `${index === 0 ? 'Next: ' : '      '}${oneLine(fix, 300)}`),
    ...(report.state === 'absent' || report.blind !== null ? [] : [paint.dim(DATA_HINT)]),
  ].join('\n');
}

function formatTitle({ report, region, account }: StatusScreen): string {
  const where = [region, account === null ? 'account unknown' : `account ${groupDigits(account)}`];
  return [paint.bold(report.stage), ...where, STATE_PAINT[report.state](report.state.toUpperCase())].join(
    '   ',
  );
}

function formatChecks({ checks, monthly, state }: StatusReport, width: number): string[] {
  const rows = checks.map((check) => [check.id, VERDICT_WORD[check.verdict], check.verdict, check] as const);
  const idWidth = Math.max(...checks.map(({ id }) => id.length));
  const indent = 2 + idWidth + 2 + VERDICT_WIDTH + 2;
  const lines = rows.flatMap(([id, word, verdict, check]) => {
    const head = `  ${id.padEnd(idWidth)}  ${word}${' '.repeat(VERDICT_WIDTH - plainWidth(verdict))}  `;
    return hang(head, [check.summary, ...detailsOf(check)], indent, width);
  });
  if (monthly === null || state === 'absent') return lines;
  const least = monthly.isComplete ? 'about' : 'at least';
  return [
    ...lines,
    `${'  cost'.padEnd(indent)}${least} ${formatMoney(monthly.total)} a month, as it is deployed`,
  ];
}

/** An address is worth its line only when all is well; evidence only when it is not. */
function detailsOf({ id, verdict, details }: Check): readonly string[] {
  return id === 'ingest' || verdict !== 'ok' ? details : [];
}

function formatBlind({ reason, fix }: NonNullable<StatusReport['blind']>, width: number): string[] {
  return [
    ...hang('  ?  ', [`Nothing could be seen: ${reason}`], 5, width),
    ...(fix === undefined ? [] : hang('Next: ', [fix], 6, width)),
  ];
}

/** Words in a column of their own behind a head, cut at the width between words. */
function hang(head: string, texts: readonly string[], indent: number, width: number): string[] {
  const room = Math.max(20, width - indent);
  const lines = texts.flatMap((text) => wrap(oneLine(text, 400), room));
  return lines.map((line, index) => `${index === 0 ? head : ' '.repeat(indent)}${line}`);
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function plainWidth(verdict: Verdict): number {
  return { ok: 2, absent: 1, busy: 4, unknown: 1, warn: 4, fail: 4 }[verdict];
}

/** `1234-5678-9012` */
function groupDigits(account: string): string {
  return account.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
}
