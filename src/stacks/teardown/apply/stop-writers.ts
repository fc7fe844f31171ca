import { SbwError } from '../../../errors.ts';
import type { Writers } from '../../ports/writers.ts';
import type { Patience } from './patience.ts';

const LAMBDA_POLL_MS = 5000;

/** Disabled first, so that nothing fires while its targets go; a rule with targets cannot be deleted. */
export async function stopSchedule(writers: Writers, name: string): Promise<'done' | 'gone'> {
  const rule = await writers.describeRule(name);
  if (rule === null) return 'gone';
  if (rule.isEnabled) await writers.disableRule(name);
  if (rule.targetIds.length > 0) await writers.removeTargets(name, rule.targetIds);
  return 'done';
}

export async function stopIngest(writers: Writers, functionName: string): Promise<'done' | 'gone'> {
  if ((await writers.describeFunction(functionName)) === null) return 'gone';
  await writers.stopInvocations(functionName);
  return 'done';
}

/**
 * Takes a function out of its VPC. From then on Lambda frees the network cards, which takes it up to twenty minutes.
 * A change that comes while Lambda works on another is given up, so both ends are waited for.
 */
export async function detachFunction(
  writers: Writers,
  functionName: string,
  patience: Patience,
): Promise<'done' | 'gone'> {
  let hasAsked = false;
  for (;;) {
    const found = await writers.describeFunction(functionName);
    if (found === null) return 'gone';
    if (!found.isUpdating) {
      if (found.subnetIds.length === 0) return 'done';
      if (hasAsked && found.updateProblem !== '') {
        throw new SbwError(
          'TEARDOWN_DETACH_FAILED',
          `Lambda would not take ${functionName} out of the VPC: ${found.updateProblem}`,
        );
      }
      await writers.leaveNetwork(functionName);
      hasAsked = true;
    }
    await patience.wait(LAMBDA_POLL_MS);
  }
}
