import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { LocalPlatform } from '../../local/platform.ts';

/** @throws SbwError LOCAL_NOT_RUNNING (environment) */
export async function requirePlatform(ctx: Context): Promise<LocalPlatform> {
  const { findLocalPlatform } = await import('../../local/platform.ts');
  const platform = await findLocalPlatform(ctx.config);
  if (platform !== null) return platform;
  throw new SbwError('LOCAL_NOT_RUNNING', 'the local platform is not running', {
    kind: 'environment',
    fix: 'sbw local up',
  });
}
