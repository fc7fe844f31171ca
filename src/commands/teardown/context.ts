import type { Context } from '../../context.ts';
import type { PlatformOptions } from '../../stacks/ports/platform.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';

/** The part of the platform that teardown uses. */
export type TeardownContext = Omit<Context, 'openPlatform'> & {
  openPlatform(options?: PlatformOptions): Promise<TeardownPlatform>;
};
