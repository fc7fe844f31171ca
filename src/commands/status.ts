import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_CODE } from '../errors.ts';
import { type ProjectConfig, type StageFlags, readProjectConfig, requireAccount } from '../project-config.ts';
import type { Platform } from '../stacks/ports/platform.ts';
import type { StatusScreen } from '../terminal/status/status-screen.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples } from './options.ts';
import { addStageOptions } from './setup/stage-options.ts';

export interface StatusOptions extends StageFlags {
  /** Ask CloudFormation what differs from the templates. */
  readonly drift?: boolean;
  /** Exit 1 unless all is well. */
  readonly check?: boolean;
  readonly json?: boolean;
}

/** How long one question may take, in milliseconds. */
export interface Limits {
  readonly probe: number;
  readonly drift: number;
}

const LIMITS: Limits = { probe: 5000, drift: 5 * 60_000 };

export function registerStatus(parent: Command, ctx: Context, exit: Exit, run = runStatus): void {
  const command = parent
    .command('status')
    .summary('How a stage is: stacks, servers, doors, ingest, ETL, alarms, data, dashboard.')
    .description(
      'How a stage on AWS is: stacks, servers, doors, ingest, ETL, schedule, alarms, how old the data is, whether the ' +
        'dashboard shows it. Every part is looked at alone, ' +
        'for five seconds at most; what cannot be seen is shown as unknown. Changes nothing.',
    );
  addJsonOption(addStageOptions(command))
    .option('--drift', 'also ask CloudFormation what was changed by hand; takes a few minutes')
    .option('--check', 'for scripts: exit 1 unless all is well')
    .addHelpText(
      'after',
      examples('sbw status', 'sbw status --stage prod --drift', 'sbw status --check --json'),
    )
    .action(async (flags: StatusOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. @throws SbwError when it is not clear where to look: CONFIG_*, AWS_REGION_MISSING, ... */
export async function runStatus(ctx: Context, flags: StatusOptions, limits = LIMITS): Promise<number> {
  const project = await readProjectConfig(ctx.config, flags);
  const platform = await ctx.openPlatform({
    region: project.region.value,
    profile: project.profile.value,
    // The SDK gives up first, and says why.
    patienceMs: limits.probe * 0.9,
  });
  try {
    const screen = await lookAround(ctx, platform, project, flags, limits);
    const [{ formatStatus }, { statusToJson }] = await Promise.all([
      import('../terminal/status/render-status.ts'),
      import('../terminal/status/status-json.ts'),
    ]);
    const { result, width } = ctx.terminal;
    result(flags.json === true ? JSON.stringify(statusToJson(screen)) : formatStatus(screen, width));
    return exitCodeOf(screen, flags);
  } finally {
    platform.close();
  }
}

/** @throws SbwError AWS_ACCOUNT_WRONG (environment) */
async function lookAround(
  ctx: Context,
  platform: Platform,
  project: ProjectConfig,
  flags: StatusOptions,
  limits: Limits,
): Promise<StatusScreen> {
  const [{ readStatus }, { look }, { spin }] = await Promise.all([
    import('../stacks/status/status.ts'),
    import('../stacks/status/look.ts'),
    import('../terminal/spinner.ts'),
  ]);
  const stage = project.stage.value;
  const drift = flags.drift === true ? { ...platform, clock: ctx.clock, limitMs: limits.drift } : null;
  const wait = drift === null ? '' : ' and what was changed by hand (takes a few minutes)';
  const [place, report] = await spin(ctx.terminal, `Looking at stage ${stage.name}${wait} ...`, () =>
    Promise.all([
      look(limits.probe, () => platform.place()),
      readStatus(
        platform,
        { stage, settings: project.settings, now: ctx.clock.now(), limitMs: limits.probe },
        drift,
      ),
    ]),
  );
  if (place.isSeen) requireAccount(project, place.value.account);
  return {
    report,
    region: place.isSeen ? place.value.region : (project.region.value ?? 'region unknown'),
    account: place.isSeen ? place.value.account : null,
    checkedAt: ctx.clock.now(),
  };
}

/** 1 when asked for a verdict and it is not good; 3 when nothing at all could be seen. */
function exitCodeOf({ report }: StatusScreen, flags: StatusOptions): number {
  if (report.blind !== null) return EXIT_CODE.environment;
  return flags.check === true && report.state !== 'ok' ? EXIT_CODE.failed : 0;
}
