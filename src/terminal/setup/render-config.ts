import type { Choice, Origin, ProjectConfig } from '../../stacks/config/resolve.ts';
import type { SettingName } from '../../stacks/settings.ts';
import { oneLine } from '../paint.ts';
import { formatTable } from '../table.ts';

type Row = readonly [key: string, value: unknown, origin: Origin];

/** Every value that holds; with its origin when asked for. */
export function formatConfig(config: ProjectConfig, withOrigin: boolean): string {
  const rows = rowsOf(config).map(([key, value, origin]) => [
    key,
    oneLine(value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value)),
    ...(withOrigin ? [formatOrigin(origin)] : []),
  ]);
  return formatTable(
    [{ title: 'key' }, { title: 'value' }, ...(withOrigin ? [{ title: 'from' }] : [])],
    rows,
  );
}

/** `sbw.config/1` of docs/config.md. */
export function configToJson(config: ProjectConfig): Record<string, unknown> {
  const rows = rowsOf(config);
  const fields = ([key, value, { kind, where }]: Row): [string, unknown] => [
    key.replace('settings.', ''),
    { value: value ?? null, origin: kind, where: where === '' ? null : where },
  ];
  return {
    schema: 'sbw.config/1',
    ...Object.fromEntries(rows.filter(([key]) => !key.includes('.')).map(fields)),
    settings: Object.fromEntries(rows.filter(([key]) => key.includes('.')).map(fields)),
  };
}

function rowsOf({
  stage,
  region,
  profile,
  account,
  settings,
  settingOrigins,
}: ProjectConfig): readonly Row[] {
  const row = (key: string, { value, origin }: Choice<unknown>): Row => [key, value, origin];
  const names = Object.keys(settings) as SettingName[];
  return [
    ['stage', stage.value.name, stage.origin],
    row('region', region),
    row('profile', profile),
    row('account', account),
    ...names.map((name): Row => [`settings.${name}`, settings[name], settingOrigins[name]]),
  ];
}

function formatOrigin({ kind, where }: Origin): string {
  return kind === 'default' ? 'default' : oneLine(where, 300);
}
