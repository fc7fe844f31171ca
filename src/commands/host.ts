import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { SbwError } from '../errors.ts';
import { type StageFlags, readProjectConfig, requireAccount } from '../project-config.ts';
import type { LayerName } from '../stacks/catalog.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples, wholeNumber } from './options.ts';
import { addSetOption, addStageOptions } from './setup/stage-options.ts';

export interface HostUpdateOptions extends StageFlags {
  readonly planOnly?: boolean;
  readonly yes?: boolean;
  /** False with `--no-smoke-test`. */
  readonly smokeTest: boolean;
  /** Minutes. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** The packages' build, and the server that takes them. */
const LAYERS: readonly LayerName[] = ['host-bundle', 'warehouse'];

export function registerHost(parent: Command, ctx: Context, exit: Exit, run = runHostUpdate): void {
  const host = parent
    .command('host')
    .summary('The warehouse server.')
    .description('The warehouse server: PostgreSQL and the dashboard.');
  const update = host
    .command('update')
    .summary('Bring it the newest Debian packages: security updates.')
    .description(
      'Collect the newest Debian packages for the warehouse server and have it install them. It has no way to the ' +
        'internet, so security updates reach it only like this. PostgreSQL restarts for a moment if it is among them; ' +
        'data stay. Run it again after any failure, or every week from a scheduler with --yes.',
    );
  addJsonOption(addSetOption(addStageOptions(update)))
    .option('--plan-only', 'print the plan and change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--no-smoke-test', 'do not send an event through the platform afterwards')
    .option('--timeout <minutes>', 'stop waiting after so long', wholeNumber(1, 1440), 120)
    .addHelpText('after', examples('sbw host update', 'sbw host update --stage prod --yes'))
    .action(async (flags: HostUpdateOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. @throws SbwError LAYER_MISSING (refused) */
export async function runHostUpdate(ctx: Context, flags: HostUpdateOptions): Promise<number> {
  const project = await readProjectConfig(ctx.config, flags);
  const platform = await ctx.openPlatform({ region: project.region.value, profile: project.profile.value });
  try {
    const place = await platform.place();
    requireAccount(project, place.account);
    const [{ planAndApply }, { findStacks }, { isStanding }] = await Promise.all([
      import('./deploy/plan-and-apply.ts'),
      import('../stacks/deploy/plan/gather.ts'),
      import('../stacks/stack-status.ts'),
    ]);
    const stage = project.stage.value;
    const warehouse = (await findStacks(platform, stage)).get('warehouse');
    if (warehouse == null || !isStanding(warehouse.status)) {
      throw new SbwError('LAYER_MISSING', `Stage ${stage.name} has no warehouse server.`, {
        kind: 'refused',
        fix: `sbw deploy --stage ${stage.name}   makes one`,
      });
    }
    const request = { stage, settings: project.settings, layers: LAYERS, renewsPackages: true };
    const set = flags.set ?? [];
    return await planAndApply(ctx, platform, place, { request, saved: null }, { ...flags, set });
  } finally {
    platform.close();
  }
}
