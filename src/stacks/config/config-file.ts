import { parseDocument } from 'yaml';
import { SbwError } from '../../errors.ts';
import { closestWord } from '../closest.ts';
import { SETTINGS, readSettings } from '../settings.ts';
import { parseStage } from '../stage.ts';
import { KEYS, type KeyName, judgeKey } from './keys.ts';

/** What a config file may say of all stages, or of one. Absent: it says nothing. */
export interface Section {
  readonly region?: string;
  readonly profile?: string;
  /** The only account that may be worked on, 12 digits. */
  readonly account?: string;
  /** By the names of SETTINGS, each of them a good value; null stands for the default. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A config file, read and found good. */
export interface ConfigFile extends Section {
  readonly path: string;
  /** The stage to work on when nobody names one. */
  readonly stage?: string;
  readonly stages: ReadonlyMap<string, Section>;
}

type Words = Readonly<Record<string, unknown>>;

const SECTION_KEYS = [...Object.keys(KEYS), 'settings'];
/** `$schema` is for editors. */
const FILE_KEYS = ['$schema', 'stage', ...SECTION_KEYS, 'stages'];

/** Far more than anybody writes; what is larger is some other file. */
const MAX_CHARACTERS = 100_000;

/**
 * Reads a config file. All of it is checked, also what is said of stages that nobody works on now.
 *
 * @param path for messages; `.json` is read as JSON, everything else as YAML 1.2
 * @throws SbwError CONFIG_INVALID, CONFIG_KEY_UNKNOWN, SETTING_UNKNOWN, SETTING_INVALID (usage)
 */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const words = requireMap(path, '', path.endsWith('.json') ? readJson(path, text) : readYaml(path, text));
  requireKnown(path, '', words, FILE_KEYS);
  const stage = words['stage'] ?? undefined;
  if (stage !== undefined) requireStage(path, 'stage', stage);
  const stages = Object.entries(requireMap(path, 'stages', words['stages']));
  return {
    path,
    ...(stage === undefined ? {} : { stage: stage as string }),
    ...readSection(path, '', words),
    stages: new Map(
      stages.map(([name, section]) => {
        requireStage(path, 'stages', name);
        const place = `stages.${name}`;
        const inside = requireMap(path, place, section);
        requireKnown(path, place, inside, SECTION_KEYS);
        return [name, readSection(path, `${place}.`, inside)];
      }),
    ),
  };
}

function readSection(path: string, prefix: string, words: Words): Section {
  const named = (Object.keys(KEYS) as KeyName[]).flatMap((name) => {
    const value = words[name] ?? undefined;
    if (value === undefined) return [];
    if (judgeKey(name, value) === true) return [[name, value] as const];
    throw invalid(path, `${prefix}${name} cannot be ${show(value)}`, `${name} is ${KEYS[name].expects}`);
  });
  const place = `${prefix}settings`;
  const settings = requireMap(path, place, words['settings']);
  try {
    readSettings(settings);
  } catch (error) {
    if (!(error instanceof SbwError)) throw error;
    const { code, message, kind, fix } = error;
    throw new SbwError(code, `${path}, ${place}: ${message}`, { kind, fix, cause: error.cause });
  }
  return { ...Object.fromEntries(named), settings };
}

function readJson(path: string, text: string): unknown {
  requireSize(path, text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `it is no JSON: ${(cause as Error).message}`, 'mend the file, or write YAML', cause);
  }
}

function readYaml(path: string, text: string): unknown {
  requireSize(path, text);
  const document = parseDocument(text, { schema: 'core', prettyErrors: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw invalid(path, `it is no YAML: ${problem.message.trim()}`, 'mend the file at that line', problem);
  }
  try {
    // No more than this many uses of anchors: ten lines of them can stand for gigabytes.
    return document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw invalid(path, (cause as Error).message, 'write it without anchors', cause);
  }
}

function requireSize(path: string, text: string): void {
  if (text.length <= MAX_CHARACTERS) return;
  throw invalid(
    path,
    `it has ${text.length} characters, too many for a config file`,
    'is it the right file?',
  );
}

/** An empty file and an empty key are maps without keys. */
function requireMap(path: string, place: string, value: unknown): Words {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Words;
  const what = place === '' ? 'it' : place;
  throw invalid(
    path,
    `${what} cannot be ${show(value)}`,
    `${what} holds keys with values; see docs/config.md`,
  );
}

function requireKnown(path: string, place: string, words: Words, known: readonly string[]): void {
  const unknown = Object.keys(words).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const at = place === '' ? '' : `${place}.`;
  const belongsBelow = Object.hasOwn(SETTINGS, unknown);
  const guess = belongsBelow ? `settings.${unknown}` : closestWord(unknown, known);
  const all = `all keys here: ${known.join(', ')}`;
  throw new SbwError('CONFIG_KEY_UNKNOWN', `${path}: there is no key ${show(`${at}${unknown}`)}.`, {
    kind: 'usage',
    fix: guess === null ? all : `did you mean ${at}${guess}?   ${all}`,
  });
}

function requireStage(path: string, place: string, name: unknown): void {
  try {
    parseStage(typeof name === 'string' ? name : '');
  } catch (error) {
    const { fix } = error as SbwError;
    throw invalid(path, `${place}: ${show(name)} cannot be a stage`, fix ?? '', error);
  }
}

function invalid(path: string, problem: string, fix: string, cause?: unknown): SbwError {
  return new SbwError('CONFIG_INVALID', `${path}: ${problem}.`, { kind: 'usage', fix, cause });
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
