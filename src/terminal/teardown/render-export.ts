import type { ExportReport } from '../../stacks/teardown/export/export-stage.ts';
import type { Loss } from '../../stacks/teardown/plan/plan.ts';
import { formatBytes, formatCountOf } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

const SHOWN = 5;

/** `1,204 raw objects (61 MB) and the warehouse` */
export function formatSavable(losses: readonly Loss[]): string {
  const parts = losses.flatMap((loss) => {
    if (loss.kind === 'volume') return loss.role === 'warehouse' ? 'the warehouse' : 'the web database';
    if (loss.kind === 'snapshots') return [];
    const { objects, versions, bytes, isCut } = loss.content;
    // All versions are counted, the newest alone are saved.
    const most = versions > objects && !isCut ? 'up to ' : '';
    return `${isCut ? 'at least ' : ''}${formatCountOf(objects, 'raw object')} (${most}${formatBytes(bytes)})`;
  });
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter(Boolean).join(' and ');
}

/** What was saved, and in plain words what was not. */
export function formatExport({ folder, raw, dumps, isComplete }: ExportReport): string {
  const saved = [
    ...(raw === null ? [] : [`${formatCountOf(raw.objects, 'object')} (${formatBytes(raw.bytes)})`]),
    ...dumps.flatMap((dump) =>
      'file' in dump
        ? [`${dump.name} (${formatBytes(dump.bytes)}, ${formatCountOf(dump.tables, 'table')})`]
        : [],
    ),
  ];
  const missing = dumps.flatMap((dump) =>
    'problem' in dump ? [`the ${dump.name}: ${oneLine(dump.problem, 300)}`] : [],
  );
  const failed = (raw?.failed ?? [])
    .slice(0, SHOWN)
    .map(({ key, reason }) => `${oneLine(key)}: ${oneLine(reason)}`);
  const more = (raw?.failed.length ?? 0) - failed.length;
  return [
    `Saved in ${oneLine(folder)} and read again: ${saved.length === 0 ? 'nothing' : saved.join(', ')}`,
    ...[...missing, ...failed].map((what) => `  ${paint.red('NOT SAVED')}  ${what}`),
    ...(more > 0 ? [`  ${paint.red('NOT SAVED')}  and ${formatCountOf(more, 'more object')}`] : []),
    ...(isComplete ? [] : [`  ${paint.red('What is not saved dies with the stage.')}`]),
  ].join('\n');
}
