import { SbwError } from '../../../errors.ts';
import type { Parameters } from '../../ports/deploy/parameters.ts';
import type { CommandResult, Servers } from '../../ports/deploy/pipeline.ts';
import { STAGE_TAG, type Stage, parameterPath } from '../../stage.ts';
import { pause } from '../apply/pause.ts';
import type { Values } from '../plan/values.ts';
import type { Clock } from '../ports.ts';

/** Which release the warehouse server has taken; below the stage's path. */
const RELEASE = 'dwh/release';

/** A server that was cut off may need a quarter of an hour before its PostgreSQL answers. */
const UPDATE_SECONDS = 1800;
const LOG_CHARACTERS = 1500;
const PAUSE_MS = 15_000;
/** Until the agent answers: of a server that is there, and of one that is just being made. */
const PATIENCE_MINUTES = { usual: 5, fresh: 20 };
/** The agent had to give the command up, as when it was replaced itself: nobody knows what came of it. */
const UNTOLD = -1;

export interface HostWorld {
  readonly servers: Pick<Servers, 'run'>;
  readonly clock: Clock;
  /** Stops waiting. */
  readonly leave: AbortSignal;
  say(text: string): void;
}

export interface HostTarget {
  readonly instanceId: string;
  /** It came in the place of another one, and is still busy with its first boot. */
  readonly isFresh: boolean;
  readonly hashes: ReleaseHashes;
}

export interface ReleaseHashes {
  readonly bundle: string;
  readonly provision: string;
}

/**
 * What a server has to run and to know, as one word: the packages, the steps, the size of its volume, and which server
 * it is. Null while the packages are still to be built, or there is no server.
 */
export function releaseOf(
  { bundleKey, provisionKey, warehouseVolumeGb }: Values,
  instanceId: string | null,
): string | null {
  const parts = [bundleKey, provisionKey, `${warehouseVolumeGb}gb`, instanceId];
  return parts.includes(null) ? null : parts.join(' ');
}

/** Null: it has none, or is still to report. */
export async function readRelease(parameters: Parameters, stage: Stage): Promise<string | null> {
  return parameters.read(`${parameterPath(stage)}${RELEASE}`);
}

/** Kept, so that a deploy that was interrupted in between is made up for by the next one. */
export async function recordRelease(parameters: Parameters, stage: Stage, release: string): Promise<void> {
  const name = `${parameterPath(stage)}${RELEASE}`;
  const parameter = {
    ...{ name, value: release, isSecret: false, description: 'What the warehouse server runs' },
    tags: { [STAGE_TAG]: stage.name },
  };
  if (!(await parameters.create(parameter))) await parameters.replace(name, release);
}

/** The server has to be asked again, whatever it runs: by this deploy, or by the next one. */
export async function forgetRelease(parameters: Parameters, stage: Stage): Promise<void> {
  await parameters.remove(`${parameterPath(stage)}${RELEASE}`);
}

/** In a unit of its own: a release may bring a newer agent, which would end a command that it runs itself. */
export function updateCommand({ bundle, provision }: ReleaseHashes): string {
  return `systemd-run --quiet --wait --pipe --collect sbw-host update ${bundle} ${provision}`;
}

/**
 * Has the server fetch and run this release. Safe to run again, also on one that has it.
 *
 * @returns what the server has to tell its operator, such as packages that stayed as they were
 * @throws SbwError HOST_UPDATE_FAILED with the end of what the server said
 */
export async function updateHost(world: HostWorld, target: HostTarget): Promise<readonly string[]> {
  const { instanceId, hashes } = target;
  const { exitCode, stdout, stderr } = await ask(world, target);
  if (exitCode !== 0) throw failure(instanceId, tailOf(`${stdout}\n${stderr}`));
  const [, bundle, provision] = /^release (\S+) (\S+)$/m.exec(stdout) ?? [];
  if (bundle !== hashes.bundle || provision !== hashes.provision) {
    throw failure(instanceId, `it runs another one\n${tailOf(stdout)}`);
  }
  return [...stdout.matchAll(/^sbw: note: (.+)$/gm)].map(([, note]) => note!);
}

async function ask(
  { servers, clock, leave, say }: HostWorld,
  { instanceId, isFresh, hashes }: HostTarget,
): Promise<CommandResult> {
  const minutes = isFresh ? PATIENCE_MINUTES.fresh : PATIENCE_MINUTES.usual;
  const until = clock.now().getTime() + minutes * 60_000;
  for (;;) {
    const answer = await servers.run(instanceId, [updateCommand(hashes)], UPDATE_SECONDS);
    if (answer !== null && answer.exitCode !== UNTOLD) return answer;
    if (leave.aborted) throw new SbwError('DEPLOY_STOPPED', 'Stopped waiting.', { kind: 'cancelled' });
    if (clock.now().getTime() >= until) throw failure(instanceId, 'its agent does not answer');
    say(isFresh ? 'the new server installs itself' : 'waiting for its agent');
    await pause(clock, PAUSE_MS, leave);
  }
}

function failure(instanceId: string, said: string): SbwError {
  return new SbwError(
    'HOST_UPDATE_FAILED',
    `The server ${instanceId} did not take the new release: ${said}`,
    {
      fix: 'run sbw deploy again: it tries once more; the log is /var/log/sbw/provision.log on the server',
    },
  );
}

function tailOf(text: string): string {
  return text.trim().slice(-LOG_CHARACTERS);
}
