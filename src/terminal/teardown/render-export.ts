import type { ExportReport } from '../../stacks/teardown/export/export-stage.ts';
import { formatBytes, formatCountOf } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

const SHOWN = 5;

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
