import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Config } from '../../../config.ts';
import { SbwError } from '../../../errors.ts';
import type { Programs } from '../../../tunnel/world.ts';
import { portOwner } from './port-owner.ts';

const PLUGIN = 'session-manager-plugin';
/** The plugin reads the answer of StartSession, with the token in it, from the variable that its first argument names. */
const PLUGIN_VARIABLE = 'AWS_SSM_START_SESSION_RESPONSE';
/** How long a program may take to end before it is ended. */
const GRACE_MS = 5000;
const PLUGIN_GRACE_MS = 1000;

export interface ProgramSettings {
  readonly environment: Config['childEnvironment'];
  readonly region: string;
  readonly profile: string | undefined;
  /** Of the `ssm` API. */
  readonly endpoint: string;
}

export function createPrograms({ environment, region, profile, endpoint }: ProgramSettings): Programs {
  return {
    run: ([file = '', ...args], variables, interrupted) => {
      const child = spawn(file, args, { stdio: 'inherit', env: { ...environment, ...variables } });
      const releases = [leaveInterrupts(), guard(child)];
      return exitOf(child, interrupted, 'SIGTERM', GRACE_MS, (cause) => notStarted(file, cause)).finally(() =>
        releases.forEach((release) => release()),
      );
    },

    runPlugin: ({ grant, request }, interrupted) => {
      const { sessionId: SessionId, token: TokenValue, streamUrl: StreamUrl } = grant;
      const asked = {
        Target: request.target,
        DocumentName: request.document,
        Parameters: request.parameters,
      };
      const args = [PLUGIN_VARIABLE, region, 'StartSession', profile ?? '', JSON.stringify(asked), endpoint];
      const response = JSON.stringify({ SessionId, TokenValue, StreamUrl });
      const child = spawn(PLUGIN, args, {
        stdio: ['ignore', 2, 2],
        env: { ...environment, [PLUGIN_VARIABLE]: response },
      });
      // It knows SIGINT only; SIGTERM would leave its session open.
      return exitOf(child, interrupted, 'SIGINT', PLUGIN_GRACE_MS, pluginMissing);
    },

    openBrowser: (url) =>
      new Promise((resolve) => {
        const [file, args] = browserFor(url);
        const child = spawn(file, args, { stdio: 'ignore', detached: true });
        child.once('error', () => resolve());
        child.once('spawn', () => {
          child.unref();
          resolve();
        });
      }),

    portOwner,
  };
}

/**
 * Ctrl-C reaches the command as well, and is the command's to answer: psql cancels a query with it. Until `release`
 * we do not hear it.
 */
function leaveInterrupts(): () => void {
  const listeners = process.listeners('SIGINT');
  const ignore = (): void => undefined;
  process.removeAllListeners('SIGINT').on('SIGINT', ignore);
  return () => {
    process.off('SIGINT', ignore);
    for (const listener of listeners) process.on('SIGINT', listener);
  };
}

/**
 * Ends the command when we are killed without a chance to do so (`kill -9`): a shell reads from us, outside our process
 * group so that no Ctrl-C reaches it. Its input ends with us. Nothing on Windows, where there is no such shell.
 */
function guard({ pid }: ChildProcess): () => void {
  if (pid === undefined || process.platform === 'win32') return () => undefined;
  const shell = spawn('/bin/sh', ['-c', 'read -r _ || kill -TERM "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  return () => shell.stdin.end('over\n');
}

/** Ends the child with us: first politely, then not. */
function exitOf(
  child: ChildProcess,
  interrupted: AbortSignal,
  polite: NodeJS.Signals,
  graceMs: number,
  failed: (cause: Error) => SbwError,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      child.kill(polite);
      timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    const settle = (): void => {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', interrupt);
    };
    child.once('error', (cause) => {
      settle();
      reject(failed(cause));
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
    if (interrupted.aborted) interrupt();
    else interrupted.addEventListener('abort', interrupt);
  });
}

function browserFor(url: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [url]];
  return process.platform === 'win32' ? ['explorer.exe', [url]] : ['xdg-open', [url]];
}

function notStarted(file: string, cause: Error): SbwError {
  return new SbwError('COMMAND_NOT_STARTED', `Cannot start ${JSON.stringify(file)}: ${cause.message}`, {
    kind: 'usage',
    fix: 'name a program after --, such as: sbw tunnel dwh -- psql',
    cause,
  });
}

function pluginMissing(cause: Error): SbwError {
  return new SbwError('PLUGIN_MISSING', `Cannot start ${PLUGIN}: ${cause.message}`, {
    kind: 'environment',
    fix: 'leave --use-plugin out: sbw needs no plugin',
    cause,
  });
}
