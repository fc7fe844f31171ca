import { constants } from 'node:fs';
import { lstat, open, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from './config.ts';
import { SbwError } from './errors.ts';
import { type ConfigFile, parseConfigFile } from './stacks/config/config-file.ts';
import { type ProjectConfig, type Words, resolveConfig } from './stacks/config/resolve.ts';
import { parseAssignment } from './stacks/settings.ts';
import { parseStage } from './stacks/stage.ts';

export type { ProjectConfig } from './stacks/config/resolve.ts';

const PROJECT_NAMES = ['sbw.config.yaml', 'sbw.config.yml', 'sbw.config.json'] as const;
const USER_NAMES = ['config.yaml', 'config.yml', 'config.json'] as const;
/** A search upwards ends in the folder that holds one of these: what lies above is another project. */
const PROJECT_MARKS = ['.git', '.hg', '.svn'] as const;
const MAX_BYTES = 400_000;

/** Flags that decide about a stage. */
export interface StageFlags {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** 12 digits; hyphens between them are fine. */
  readonly account?: string | undefined;
  /** `name=value`, the last one of a name wins. */
  readonly set?: readonly string[] | undefined;
}

export interface ConfigFiles {
  readonly project: ConfigFile | null;
  readonly user: ConfigFile | null;
}

/**
 * What holds for a command: flag > environment > project file > user file > default.
 *
 * @throws SbwError CONFIG_INVALID, CONFIG_KEY_UNKNOWN, SETTING_UNKNOWN, SETTING_INVALID, STAGE_INVALID (usage),
 * CONFIG_AMBIGUOUS, CONFIG_UNREADABLE, AWS_REGION_INVALID (environment), CONFIG_FOREIGN (refused)
 */
export async function readProjectConfig(config: Config, flags: StageFlags = {}): Promise<ProjectConfig> {
  const { stage, region, profile, account, set = [] } = flags;
  const settings = Object.fromEntries(set.map(parseAssignment));
  return resolveConfig({
    flags: { stage, region, profile, account: account?.replaceAll('-', ''), settings } satisfies Words,
    environment: { stage: config.stage, region: config.aws.region, profile: config.aws.profile },
    ...(await readConfigFiles(config)),
  });
}

/** The project's file, found from the working directory upwards, and the user's own. @see readProjectConfig */
export async function readConfigFiles(config: Config): Promise<ConfigFiles> {
  const [project, user] = await Promise.all([
    findProjectFile(resolve(config.cwd)),
    findIn(userFolder(config), USER_NAMES),
  ]);
  return {
    project: project === null ? null : await readConfigFile(project),
    user: user === null ? null : await readConfigFile(user),
  };
}

/** `$XDG_CONFIG_HOME/sbw`, else `~/.config/sbw`. */
export function userFolder({ childEnvironment }: Pick<Config, 'childEnvironment'>): string {
  const home = childEnvironment['HOME'] || homedir();
  return join(childEnvironment['XDG_CONFIG_HOME'] || join(home, '.config'), 'sbw');
}

/**
 * Writes the project's config file into a folder.
 *
 * @param mayReplace write over the one that is there
 * @returns its path
 * @throws SbwError CONFIG_EXISTS (refused), CONFIG_AMBIGUOUS, CONFIG_UNWRITABLE (environment)
 */
export async function writeProjectConfig(folder: string, text: string, mayReplace = false): Promise<string> {
  const found = await findIn(folder, PROJECT_NAMES);
  const path = join(folder, PROJECT_NAMES[0]);
  if (found !== null && !mayReplace) throw exists(found);
  // The new file has a name of its own, so the old one would stay in its way.
  if (found !== null && found !== path) throw exists(found);
  try {
    await (mayReplace ? replaceFile(path, text) : writeFile(path, text, { flag: 'wx' }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path);
    // A full disk leaves half a file, which would be in the way of the next try.
    if (!mayReplace) await unlink(path).catch(() => undefined);
    throw new SbwError('CONFIG_UNWRITABLE', `Cannot write ${path}: ${(cause as Error).message}`, {
      kind: 'environment',
      cause,
    });
  }
  return path;
}

/**
 * Holds the account that AWS names against the one that a flag or the config file allows.
 *
 * @throws SbwError AWS_ACCOUNT_WRONG (environment)
 */
export function requireAccount({ account }: Pick<ProjectConfig, 'account'>, actual: string): void {
  if (account.value === undefined || account.value === actual) return;
  throw new SbwError(
    'AWS_ACCOUNT_WRONG',
    `These credentials lead to account ${actual}; ${account.origin.where} allows ${account.value} alone.`,
    { kind: 'environment', fix: 'choose the profile of that account: --profile <name>' },
  );
}

/** Stages that a config file names or leads to, without asking anybody. */
export async function listStages(config: Config): Promise<readonly string[]> {
  const { project, user } = await readConfigFiles(config);
  const named = [project, user].flatMap((file) => (file === null ? [] : [file.stage, ...file.stages.keys()]));
  const all = [parseStage().name, config.stage, ...named].filter((name) => name !== undefined);
  return [...new Set(all)].toSorted();
}

async function findProjectFile(cwd: string): Promise<string | null> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = await findIn(folder, PROJECT_NAMES);
    if (found !== null) {
      if (folder !== cwd) await requireOurs(found);
      return found;
    }
    const marks = await Promise.all(PROJECT_MARKS.map((mark) => isThere(join(folder, mark))));
    if (marks.includes(true) || folder === dirname(folder)) return null;
  }
}

/** The old content or the new one, never half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

/** @throws SbwError CONFIG_AMBIGUOUS (environment) */
async function findIn(folder: string, names: readonly string[]): Promise<string | null> {
  const paths = names.map((name) => join(folder, name));
  const there = await Promise.all(paths.map(isThere));
  const [first, second] = paths.filter((_, index) => there[index]);
  if (first === undefined || second === undefined) return first ?? null;
  throw new SbwError('CONFIG_AMBIGUOUS', `There are two config files, ${first} and ${second}.`, {
    kind: 'environment',
    fix: 'keep one of them',
  });
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Whoever may write above our folder (in /tmp anybody) could lead events and mail elsewhere by a file of theirs.
 *
 * @throws SbwError CONFIG_FOREIGN (refused)
 */
async function requireOurs(path: string): Promise<void> {
  const { uid } = await stat(path).catch(() => ({ uid: undefined }));
  const us = process.getuid?.();
  if (uid === undefined || us === undefined || uid === us || uid === 0) return;
  throw new SbwError('CONFIG_FOREIGN', `${path} belongs to another user.`, {
    kind: 'refused',
    fix: `run sbw in ${dirname(path)} itself, if you trust the file, or make a file here: sbw init`,
  });
}

/** @throws SbwError CONFIG_UNREADABLE (environment), CONFIG_INVALID (usage) */
async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    // Not blocking: a pipe of that name would keep us waiting for somebody to write.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new TypeError('it is no regular file');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
      text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new SbwError('CONFIG_UNREADABLE', `Cannot read ${path}: ${(cause as Error).message}`, {
      kind: 'environment',
      cause,
    });
  }
  return parseConfigFile(path, text);
}

function exists(path: string): SbwError {
  return new SbwError('CONFIG_EXISTS', `${path} is there already; it stays as it is.`, {
    kind: 'refused',
    fix: 'edit it, move it away, or write over sbw.config.yaml with --force',
  });
}
