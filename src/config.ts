import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the surroundings say: environment and folders. Flags are added by each command. Frozen. */
export interface Config {
  readonly cwd: string;
  /** `--raw`'s twin. */
  readonly raw: string | undefined;
  /** `--warehouse`'s twin. May hold a password: never print it, see describeDatabaseUrl in adapters/postgres.ts. */
  readonly warehouse: string | undefined;
  readonly stage: string | undefined;
  /** Where the local platform keeps its files; null: `.sbw/local` in the project. */
  readonly localHome: string | undefined;
  /** `~/.cache/sbw` or what XDG_CACHE_HOME says. */
  readonly cacheHome: string;
  readonly colour: 'always' | 'never' | 'auto';
  readonly isCi: boolean;
  readonly isDumbTerminal: boolean;
  readonly aws: {
    readonly region: string | undefined;
    readonly profile: string | undefined;
    /** Emulators. */
    readonly endpointUrl: string | undefined;
    /** S3-compatible servers. */
    readonly s3EndpointUrl: string | undefined;
  };
  /** For child processes of ours (the local service); the whole environment, unfiltered. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
}

/** The sole reader of process.env. An empty variable counts as unset. */
export function readConfig(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Config {
  const get = (name: string): string | undefined => env[name] || undefined;
  return Object.freeze({
    cwd,
    raw: get('SBW_RAW'),
    warehouse: get('SBW_WAREHOUSE'),
    stage: get('SBW_STAGE'),
    localHome: get('SBW_LOCAL_HOME'),
    cacheHome: join(get('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'sbw'),
    colour: colourOf(get('FORCE_COLOR'), get('NO_COLOR')),
    isCi: get('CI') !== undefined,
    isDumbTerminal: get('TERM') === 'dumb',
    aws: {
      region: get('AWS_REGION') ?? get('AWS_DEFAULT_REGION'),
      profile: get('AWS_PROFILE'),
      endpointUrl: get('AWS_ENDPOINT_URL'),
      s3EndpointUrl: get('AWS_ENDPOINT_URL_S3') ?? get('AWS_ENDPOINT_URL'),
    },
    childEnvironment: { ...env },
  });
}

function colourOf(force: string | undefined, no: string | undefined): Config['colour'] {
  if (force !== undefined && force !== '0') return 'always';
  return no === undefined ? 'auto' : 'never';
}
