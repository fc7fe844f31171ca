import { SbwError } from '../errors.ts';
import type { CloudFormation, StackDescription } from './ports/cloudformation.ts';
import { isStanding } from './stack-status.ts';
import { STAGE_TAG, type Stage, isProtectedByName, parameterPath } from './stage.ts';
import type { Protection } from './ports/protection.ts';

/** Whether a stage may be torn down, and who says so. */
export interface ProtectionState {
  readonly isProtected: boolean;
  /**
   * `operator`: `sbw protect` was used. `name`: prod and its like are protected until somebody lifts it. `stack`: a
   * stack carries CloudFormation's own termination protection. `nobody`: nothing protects it.
   */
  readonly by: 'operator' | 'name' | 'stack' | 'nobody';
  readonly since: Date | null;
}

interface Ports {
  readonly protection: Protection;
  readonly cloudFormation: Pick<CloudFormation, 'listStacks' | 'protectStack'>;
}

const parameterOf = (stage: Stage): string => `${parameterPath(stage)}protection`;

export async function readProtection(
  { protection }: { readonly protection: Pick<Protection, 'read'> },
  stage: Stage,
  stacks: readonly Pick<StackDescription, 'isTerminationProtected'>[],
): Promise<ProtectionState> {
  const [word, since] = ((await protection.read(parameterOf(stage))) ?? '').split(' ');
  const sinceDate = since === undefined ? null : new Date(since);
  if (word === 'on') return { isProtected: true, by: 'operator', since: sinceDate };
  if (stacks.some(({ isTerminationProtected }) => isTerminationProtected)) {
    return { isProtected: true, by: 'stack', since: null };
  }
  if (word === 'off') return { isProtected: false, by: 'operator', since: sinceDate };
  return isProtectedByName(stage)
    ? { isProtected: true, by: 'name', since: null }
    : { isProtected: false, by: 'nobody', since: null };
}

/** Whether a stack that stands can be deleted by other tools than sbw. */
export function lacksProtection({ status, isTerminationProtected }: StackDescription): boolean {
  return isStanding(status) && !isTerminationProtected;
}

/** @throws SbwError STAGE_PROTECTED (refused) */
export function requireUnprotected(stage: Stage, { isProtected, by, since }: ProtectionState): void {
  if (!isProtected) return;
  const why = {
    operator: since === null ? 'sbw protect on' : `sbw protect on, ${since.toISOString()}`,
    name: 'its name',
    stack: 'termination protection of its stacks',
    nobody: '',
  }[by];
  throw new SbwError('STAGE_PROTECTED', `The stage ${stage.name} is protected (${why}).`, {
    kind: 'refused',
    fix: `sbw protect off --stage ${stage.name}`,
  });
}

/**
 * Protects a stage or lifts that: a parameter says so to sbw, termination protection says so to everybody else.
 * Interrupted at any point, it leaves the stage protected.
 *
 * @returns how many stacks were changed
 * @throws SbwError STAGE_UNKNOWN (environment)
 */
export async function setProtection(
  { protection, cloudFormation }: Ports,
  clock: { now(): Date },
  stage: Stage,
  isProtected: boolean,
): Promise<number> {
  const stacks = await stacksOf(cloudFormation, stage);
  const write = (): Promise<void> =>
    protection.write(parameterOf(stage), `${isProtected ? 'on' : 'off'} ${clock.now().toISOString()}`);
  if (isProtected) await write();
  const others = stacks.filter((stack) => stack.isTerminationProtected !== isProtected);
  for (const { id } of others) await cloudFormation.protectStack(id, isProtected);
  if (!isProtected) await write();
  return others.length;
}

async function stacksOf(
  cloudFormation: Ports['cloudFormation'],
  stage: Stage,
): Promise<readonly StackDescription[]> {
  const all = await allStacks(cloudFormation);
  const ours = all.filter(({ tags }) => tags[STAGE_TAG] === stage.name);
  if (ours.length > 0) return ours;
  throw unknownStage(stage, all);
}

async function allStacks({ listStacks }: Pick<CloudFormation, 'listStacks'>): Promise<StackDescription[]> {
  const all: StackDescription[] = [];
  for await (const page of listStacks()) all.push(...page);
  return all;
}

/** @throws SbwError STAGE_UNKNOWN (environment), always, with the names of the stages that there are */
export async function refuseUnknownStage(
  { cloudFormation }: { readonly cloudFormation: Pick<CloudFormation, 'listStacks'> },
  stage: Stage,
): Promise<never> {
  throw unknownStage(stage, await allStacks(cloudFormation));
}

function unknownStage(stage: Stage, stacks: readonly Pick<StackDescription, 'tags'>[]): SbwError {
  const deployed = [...new Set(stacks.flatMap(({ tags }) => tags[STAGE_TAG] ?? []))].toSorted();
  const list = deployed.length === 0 ? 'none' : deployed.join(', ');
  return new SbwError('STAGE_UNKNOWN', `No such stage ${JSON.stringify(stage.name)}; deployed: ${list}.`, {
    kind: 'environment',
    fix:
      deployed[0] === undefined
        ? 'check the account (--profile) and the region (--region)'
        : `sbw teardown --stage ${deployed[0]}`,
  });
}
