import { SbwError } from '../errors.ts';

/**
 * One copy of the platform. Several live side by side in an account and region, told apart by their name: in stack
 * names, in tags, and as a suffix of every resource name.
 */
export interface Stage {
  /** `dev` by default; lower case letters, digits and hyphens. */
  readonly name: string;
  /** Put behind each seed name, `''` for the default stage: that one carries the names exactly as documented. */
  readonly suffix: string;
}

export const DEFAULT_STAGE = 'dev';

/** They end only after `sbw protect off`. */
const PROTECTED_NAMES = new Set(['prod', 'production', 'live']);

/**
 * S3 bucket names end in account id and region and hold at most 63 characters:
 * `clickstream-s3-ingest-<stage>-<12>-<ap-southeast-1>` leaves 16 for the stage.
 */
export const STAGE_NAME = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,15}$/;

/** @throws SbwError STAGE_INVALID (usage) */
export function parseStage(name: string = DEFAULT_STAGE): Stage {
  if (!STAGE_NAME.test(name)) {
    throw new SbwError('STAGE_INVALID', `${JSON.stringify(name)} cannot be a stage.`, {
      kind: 'usage',
      fix: 'up to 16 lower case letters, digits and hyphens, such as: --stage dev',
    });
  }
  return { name, suffix: name === DEFAULT_STAGE ? '' : `-${name}` };
}

export function isProtectedByName(stage: Stage): boolean {
  return PROTECTED_NAMES.has(stage.name);
}

/** `sbw-dev-network` */
export function stackNameOf(stage: Stage, layer: string): string {
  return `sbw-${stage.name}-${layer}`;
}

/** On every stack, and through CloudFormation on every resource that can carry tags. */
export const STAGE_TAG = 'sbw:stage';
export const LAYER_TAG = 'sbw:layer';

export function tagsOf(stage: Stage, layer: string): Readonly<Record<string, string>> {
  return { [STAGE_TAG]: stage.name, [LAYER_TAG]: layer };
}

/** Where the stage's secrets and settings live in the parameter store, with a slash at the end. */
export function parameterPath(stage: Stage): string {
  return `/sbw/${stage.name}/`;
}
