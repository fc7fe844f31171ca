import { SbwError } from '../../../errors.ts';
import type { Parameters } from '../../ports/deploy/parameters.ts';
import type { Servers } from '../../ports/deploy/pipeline.ts';
import { STAGE_TAG, type Stage, parameterPath } from '../../stage.ts';
import type { Values } from '../plan/values.ts';

/** Which release the warehouse server has taken; below the stage's path. */
const RELEASE = 'dwh/release';

const UPDATE_SECONDS = 900;
/** In a unit of its own: a release may bring a newer agent, which would end a command that it runs itself. */
const UPDATE = 'systemd-run --quiet --wait --pipe --collect sbw-host update';
const LOG_CHARACTERS = 1500;

/** Packages and steps of this version of sbw, as one word; null while the packages are still to be built. */
export function releaseOf({ bundleKey, provisionKey }: Values): string | null {
  return bundleKey === null || provisionKey === null ? null : `${bundleKey} ${provisionKey}`;
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

/**
 * Has the server fetch and run the release that its tags name. Safe to run again, also on one that has it.
 *
 * @throws SbwError HOST_UPDATE_FAILED with the end of what the server said
 */
export async function updateHost(servers: Pick<Servers, 'run'>, instanceId: string): Promise<void> {
  const answer = await servers.run(instanceId, [UPDATE], UPDATE_SECONDS);
  if (answer?.exitCode === 0) return;
  const said = answer === null ? 'its agent does not answer' : tailOf(`${answer.stdout}\n${answer.stderr}`);
  throw new SbwError('HOST_UPDATE_FAILED', `The server ${instanceId} did not take the new release: ${said}`, {
    fix: 'run sbw deploy again: it tries once more; the log is /var/log/sbw/provision.log on the server',
  });
}

function tailOf(text: string): string {
  return text.trim().slice(-LOG_CHARACTERS);
}
