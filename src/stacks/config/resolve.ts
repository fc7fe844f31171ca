import { SbwError } from '../../errors.ts';
import { type SettingName, SETTINGS, type Settings, readSettings } from '../settings.ts';
import { DEFAULT_STAGE, type Stage, parseStage } from '../stage.ts';
import type { ConfigFile } from './config-file.ts';
import { type KeyName, judgeKey } from './keys.ts';

/** Who decided a value. */
export interface Origin {
  readonly kind: 'flag' | 'environment' | 'project' | 'user' | 'default';
  /** `--region`, `AWS_REGION`, or the path of a file and the key in it; '' for defaults. */
  readonly where: string;
}

export interface Choice<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** What the command line, the environment or a file says. */
export interface Words {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly account?: string | undefined;
  /** By name. On the command line the values are text. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Given {
  readonly flags: Words;
  readonly environment: Words;
  readonly project: ConfigFile | null;
  readonly user: ConfigFile | null;
}

/** Everything that an operator can decide, and who did. */
export interface ProjectConfig {
  readonly stage: Choice<Stage>;
  readonly region: Choice<string | undefined>;
  readonly profile: Choice<string | undefined>;
  /** The only account that may be worked on. */
  readonly account: Choice<string | undefined>;
  readonly settings: Settings;
  readonly settingOrigins: Readonly<Record<SettingName, Origin>>;
}

interface Source {
  readonly kind: Origin['kind'];
  readonly section: Words;
  /** @param key `region`, `settings.logDays` */
  whereOf(key: string): string;
}

const ENVIRONMENT_NAMES: Readonly<Record<string, string>> = {
  stage: 'SBW_STAGE',
  region: 'AWS_REGION or AWS_DEFAULT_REGION',
  profile: 'AWS_PROFILE',
};

/**
 * Puts together what several places say. Order: flag, environment, project file, user file, default; in a file, what
 * it says of the stage goes before what it says of all.
 *
 * @throws SbwError STAGE_INVALID, SETTING_UNKNOWN, SETTING_INVALID (usage), AWS_REGION_INVALID (environment)
 */
export function resolveConfig({ flags, environment, project, user }: Given): ProjectConfig {
  const spoken: readonly Source[] = [
    { kind: 'flag', section: flags, whereOf: (key) => (key.startsWith('settings.') ? '--set' : `--${key}`) },
    { kind: 'environment', section: environment, whereOf: (key) => ENVIRONMENT_NAMES[key] ?? key },
  ];
  const stageName = choose<string>(
    [...spoken, ...sectionsOf('project', project), ...sectionsOf('user', user)],
    'stage',
    ({ stage }) => stage,
  );
  const stage = parseStage(stageName.value ?? DEFAULT_STAGE);
  const sources = [...spoken, ...sectionsOf('project', project, stage), ...sectionsOf('user', user, stage)];
  const names = Object.keys(SETTINGS) as SettingName[];
  const choices = names.map(
    (name) =>
      [name, choose<unknown>(sources, `settings.${name}`, ({ settings }) => settings?.[name])] as const,
  );
  return {
    stage: { value: stage, origin: stageName.origin },
    region: judged(
      'region',
      choose(sources, 'region', ({ region }) => region),
    ),
    profile: choose(sources, 'profile', ({ profile }) => profile),
    account: judged(
      'account',
      choose(sources, 'account', ({ account }) => account),
    ),
    // Flags as they are: their names are checked here, those in files were when the files were read.
    settings: readSettings(
      flags.settings ?? {},
      Object.fromEntries(choices.map(([name, { value }]) => [name, value])),
    ),
    settingOrigins: Object.fromEntries(choices.map(([name, { origin }]) => [name, origin])) as Record<
      SettingName,
      Origin
    >,
  };
}

/** The first who says something; null is said too, and means the default. */
function choose<T>(
  sources: readonly Source[],
  key: string,
  read: (section: Source['section']) => T | undefined,
): Choice<T | undefined> {
  for (const { kind, section, whereOf } of sources) {
    const value = read(section);
    if (value !== undefined) return { value, origin: { kind, where: whereOf(key) } };
  }
  return { value: undefined, origin: { kind: 'default', where: '' } };
}

/** Files were judged when they were read, flags and the environment were not. */
function judged(name: KeyName, choice: Choice<string | undefined>): Choice<string | undefined> {
  const { value, origin } = choice;
  const verdict = value === undefined || judgeKey(name, value);
  if (verdict === true) return choice;
  const [code, kind] =
    name === 'region'
      ? (['AWS_REGION_INVALID', 'environment'] as const)
      : (['SETTING_INVALID', 'usage'] as const);
  throw new SbwError(code, `${origin.where} cannot be ${JSON.stringify(value?.slice(0, 80))}.`, {
    kind,
    fix: verdict,
  });
}

function sectionsOf(kind: 'project' | 'user', file: ConfigFile | null, stage?: Stage): Source[] {
  if (file === null) return [];
  const ofAll: Source = { kind, section: file, whereOf: (key) => `${file.path}: ${key}` };
  const section = stage === undefined ? undefined : file.stages.get(stage.name);
  if (section === undefined) return [ofAll];
  return [{ kind, section, whereOf: (key) => `${file.path}: stages.${stage!.name}.${key}` }, ofAll];
}
