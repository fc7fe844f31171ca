import { SbwError } from '../../errors.ts';
import type { TaskResult } from '../../stacks/teardown/apply/run-tasks.ts';
import { RESIDUE_SOURCES, type Residue, type ResidueCheck } from '../../stacks/teardown/residue/residue.ts';
import { type TeardownReport, countOutcomes, isComplete } from '../../stacks/teardown/teardown.ts';
import { formatCountOf, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatMonthly } from './render-plan.ts';

/** Beyond these the receipt has them all. */
const SHOWN_RESIDUE = 20;

export interface ReportHints {
  /** The command that goes on. */
  readonly again: string;
  /** Where the receipt was written; null when it could not be. */
  readonly receipt: string | null;
}

/** What teardown did, what is left with the command that removes it, and how to go on. */
export function formatTeardownReport(report: TeardownReport, { again, receipt }: ReportHints): string {
  const { results, residue } = report;
  const failed = results.filter(({ end }) => end.outcome === 'failed');
  const lines = [
    ...(residue === null ? [] : [formatCheck(residue)]),
    ...failed.flatMap(formatFailure),
    ...(residue === null ? [] : formatResidue(residue)),
    formatEnd(report),
    ...(isComplete(report) ? [] : [`  go on    ${again}`]),
    receipt === null ? `  ${paint.yellow('no receipt could be written')}` : `  receipt  ${oneLine(receipt)}`,
  ];
  return lines.join('\n');
}

function formatCheck({ found, unknown }: ResidueCheck): string {
  const counts = RESIDUE_SOURCES.map((source) => {
    const count = found.filter((one) => one.source === source).length;
    return `${source} ${count}${unknown.some((one) => one.source === source) ? '?' : ''}`;
  });
  return `Residue check  ${counts.join('   ')}`;
}

function formatFailure({ task, end }: TaskResult): string[] {
  if (end.outcome !== 'failed') return [];
  const { error } = end;
  const code = error instanceof SbwError ? `${error.code}: ` : '';
  const fix = error instanceof SbwError && error.fix !== undefined ? [`    fix    ${error.fix}`] : [];
  return [`  ${paint.red('FAILED')}  ${oneLine(task.title)}: ${code}${oneLine(error.message, 1000)}`, ...fix];
}

function formatResidue({ found, unknown }: ResidueCheck): string[] {
  const lines = found.slice(0, SHOWN_RESIDUE).flatMap(formatOne);
  if (found.length > SHOWN_RESIDUE) lines.push(`  and ${found.length - SHOWN_RESIDUE} more, see the receipt`);
  return [
    ...lines,
    ...unknown.map(
      ({ what, reason }) => `  ${paint.yellow('not proven')}  ${oneLine(what)}: ${oneLine(reason, 300)}`,
    ),
  ];
}

function formatOne({ kind, id, detail, monthlyCost, command }: Residue): string[] {
  const cost = monthlyCost === null ? 'billed by size' : formatMonthly(monthlyCost);
  const about = detail === '' ? '' : `, ${oneLine(detail, 160)}`;
  return [
    `  ${paint.yellow('left')}  ${kind} ${oneLine(id)}${about}, ${cost}`,
    `    ${oneLine(command, 400)}`,
  ];
}

function formatEnd(report: TeardownReport): string {
  const { plan, results, residue, startedAt, endedAt } = report;
  const took = formatDuration(endedAt.getTime() - startedAt.getTime());
  if (isComplete(report)) {
    const kept = plan.kept.reduce((sum, { monthlyCost }) => sum + monthlyCost, 0);
    const keeping =
      plan.kept.length === 0 ? '0 resources left' : `${plan.kept.length} kept, nothing else left`;
    return `${paint.green('Gone.')} ${keeping}, ${formatMonthly(kept)}.   ${took}`;
  }
  const { failed, skipped, stopped } = countOutcomes(results);
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} not tried`] : []),
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(residue === null ? [] : [`${formatCountOf(residue.found.length, 'resource')} left`]),
  ];
  return `${stopped > 0 ? 'Stopped' : paint.red('Not finished')}: ${parts.join(', ')}.   ${took}`;
}
