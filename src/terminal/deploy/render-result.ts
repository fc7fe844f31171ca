import type { DeployReport } from '../../stacks/deploy/apply/apply.ts';
import type { TaskId } from '../../stacks/deploy/apply/event.ts';
import type { SmokeStep } from '../../stacks/deploy/steps/smoke-test.ts';
import { formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatFailure } from './render-failure.ts';
import { titleOf } from './task-titles.ts';

export interface ResultHints {
  readonly runId: string;
  /** The command that goes on from here. */
  readonly again: string;
  readonly attach: string;
  readonly teardown: string;
}

/** How a deploy ended: failures first, each with its cause; then what there is now. */
export function formatDeployReport(report: DeployReport, hints: ResultHints): string {
  const { plan, ends, smoke, startedAt, endedAt, outputs } = report;
  const duration = formatDuration(endedAt.getTime() - startedAt.getTime());
  const failed = [...ends].flatMap(([task, end]) =>
    end.outcome === 'failed' ? [{ task, error: end.error }] : [],
  );
  const by = (outcome: string): TaskId[] =>
    [...ends].filter(([, end]) => end.outcome === outcome).map(([task]) => task);
  const stopped = by('stopped');
  const explain = `sbw deploy --explain ${hints.runId}`;
  const blocks = failed.map(({ task, error }) => formatFailure(titleOf(task, plan), error, explain));
  const tested = smoke.length === 0 ? [] : [formatSmoke(smoke)];
  if (failed.length > 0) {
    const skipped = by('skipped').map((task) => titleOf(task, plan));
    const left = skipped.length === 0 ? [] : [`Not begun: ${skipped.join(', ')}.`];
    return [...blocks, ...tested, ...left, `Failed after ${duration}. Go on from here: ${hints.again}`].join(
      '\n',
    );
  }
  if (stopped.length > 0) {
    return [
      ...tested,
      `Stopped waiting after ${duration}. CloudFormation goes on with what it has begun.`,
      `  watch   ${hints.attach}`,
      `  go on   ${hints.again}`,
    ].join('\n');
  }
  const ingest = outputs.get('ingest')?.['IngestUrl'];
  return [
    ...tested,
    ...report.hostNotes.map((note) => `Warehouse    ${paint.yellow(oneLine(note, 1000))}`),
    `${paint.green('Done')} in ${duration}.${ends.get('schedule')?.outcome === 'done' ? ` Schedule ${plan.steps.schedule}d.` : ''}`,
    ...(ingest === undefined ? [] : [`  ingest     ${oneLine(ingest)}`]),
    ...(outputs.has('warehouse') ? [`  dashboard  sbw tunnel shiny --stage ${plan.stage}`] : []),
    `  undo       ${hints.teardown}`,
  ].join('\n');
}

function formatSmoke(steps: readonly SmokeStep[]): string {
  const said = steps.map(({ name, result, durationMs, isUnknown }) =>
    isUnknown
      ? paint.yellow(`${name}: ${oneLine(result, 200)}`)
      : `${[name, oneLine(result, 60)].filter(Boolean).join(' ')} (${formatDuration(durationMs)})`,
  );
  return `Smoke test   ${said.join('   ')}`;
}
