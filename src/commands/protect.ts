import { Argument } from 'commander';
import type { Command } from 'commander';
import { readProjectConfig, requireAccount } from '../project-config.ts';
import type { PlatformOptions } from '../stacks/ports/platform.ts';
import type { Exit } from './index.ts';
import { addJsonOption, examples } from './options.ts';
import type { TeardownContext } from './teardown/context.ts';

export interface ProtectOptions extends PlatformOptions {
  readonly stage?: string;
  readonly json?: boolean;
}

type Run = (ctx: TeardownContext, word: 'on' | 'off', flags: ProtectOptions) => Promise<number>;

export function registerProtect(
  parent: Command,
  ctx: TeardownContext,
  exit: Exit,
  run: Run = runProtect,
): void {
  const command = parent
    .command('protect')
    .summary('Keep a stage from being torn down, or lift that.')
    .description(
      'Keep a stage from being torn down, or lift that. Stages named prod, production or live are protected ' +
        'until somebody lifts it. CloudFormation is told as well, so that no other tool deletes the stacks.',
    )
    .addArgument(new Argument('<word>', 'protect it or not').choices(['on', 'off']))
    .option('--stage <name>', 'which copy of the platform (SBW_STAGE; default: dev)')
    .option('--region <name>', 'AWS region (AWS_REGION)')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)');
  addJsonOption(command)
    .addHelpText('after', examples('sbw protect on --stage prod', 'sbw protect off --stage prod'))
    .action(async (word: 'on' | 'off', flags: ProtectOptions) => {
      exit.code = await run(ctx, word, flags);
    });
}

/** Returns the exit code. */
export async function runProtect(
  ctx: TeardownContext,
  word: 'on' | 'off',
  flags: ProtectOptions,
): Promise<number> {
  const { setProtection } = await import('../stacks/protection.ts');
  const project = await readProjectConfig(ctx.config, flags);
  const stage = project.stage.value;
  const platform = await ctx.openPlatform({ region: project.region.value, profile: project.profile.value });
  try {
    requireAccount(project, (await platform.place()).account);
    const stacks = await setProtection(platform, ctx.clock, stage, word === 'on');
    const json = {
      schema: 'sbw.protect/1',
      stage: stage.name,
      protected: word === 'on',
      stacks_changed: stacks,
    };
    const verb = word === 'on' ? 'is protected now' : 'may be torn down now';
    ctx.terminal.result(flags.json === true ? JSON.stringify(json) : `The stage ${stage.name} ${verb}.`);
    return 0;
  } finally {
    platform.close();
  }
}
