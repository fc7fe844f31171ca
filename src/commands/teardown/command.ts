import type { PlatformOptions } from '../../stacks/ports/platform.ts';
import type { Keepable } from '../../stacks/teardown/plan/choices.ts';
import { quote } from '../options.ts';

/** What decides where a teardown goes, and what it leaves. */
export interface CommandFlags extends Pick<PlatformOptions, 'region' | 'profile'> {
  readonly keep: ReadonlySet<Keepable>;
  readonly includeArtifacts?: boolean;
}

/** The same command goes on. Never with a URL: it may hold a password. */
export function teardownCommand(
  stage: string,
  { keep, includeArtifacts, region, profile }: CommandFlags,
): string {
  return [
    `sbw teardown --stage ${stage}`,
    ...(region === undefined ? [] : [`--region ${quote(region)}`]),
    ...(profile === undefined ? [] : [`--profile ${quote(profile)}`]),
    ...(keep.size === 0 ? [] : [`--keep ${[...keep].join(',')}`]),
    ...(includeArtifacts === true ? ['--include-artifacts'] : []),
  ].join(' ');
}
