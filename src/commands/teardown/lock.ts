import { SbwError } from '../../errors.ts';
import { withLock } from '../../stacks/deploy/record/lock.ts';
import type { Stage } from '../../stacks/stage.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';
import { isAlive, whoAmI } from '../deploy/who.ts';
import type { TeardownContext } from './context.ts';

/**
 * Runs `work` while no deploy and no other teardown works on the stage. Who may not write the lock deletes without
 * it: a permission that is missing must not keep a stage alive.
 *
 * @throws SbwError DEPLOY_LOCKED (refused) with who has it
 */
export async function withStageAlone<T>(
  { clock, newId, terminal }: TeardownContext,
  { parameters }: Pick<TeardownPlatform, 'parameters'>,
  stage: Stage,
  work: () => Promise<T>,
): Promise<T> {
  let hasBegun = false;
  const begin = (): Promise<T> => {
    hasBegun = true;
    return work();
  };
  try {
    return await withLock({ parameters, clock, isAlive }, stage, whoAmI(`teardown-${newId()}`), begin);
  } catch (error) {
    if (hasBegun || !(error instanceof SbwError) || error.code !== 'AWS_ACCESS_DENIED') throw error;
    terminal.info(`Without the lock that keeps deploys away: ${error.message}`);
    return work();
  }
}
