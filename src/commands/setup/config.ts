import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { type StageFlags, readProjectConfig } from '../../project-config.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples } from '../options.ts';
import { addSetOption, addStageOptions } from './stage-options.ts';

export interface ConfigShowOptions extends StageFlags {
  readonly origin?: boolean;
  readonly json?: boolean;
}

export function registerConfig(parent: Command, ctx: Context, exit: Exit, run = runConfigShow): void {
  const group = parent.command('config').description('What the config files, the environment and flags say.');
  const show = group
    .command('show')
    .description('What holds for a stage, from flags, environment, sbw.config.yaml and your own defaults.');
  addJsonOption(addSetOption(addStageOptions(show)))
    .option('--origin', 'say of each value who decided it')
    .addHelpText('after', examples('sbw config show', 'sbw config show --stage prod --origin'))
    .action(async (flags: ConfigShowOptions) => {
      exit.code = await run(ctx, flags);
    });
  group
    .command('schema')
    .description('The JSON Schema of the config file, with which an editor completes and checks it.')
    .addHelpText('after', examples('sbw config schema > sbw.schema.json'))
    .action(async () => {
      exit.code = await runConfigSchema(ctx);
    });
}

/** Returns the exit code. */
export async function runConfigShow(ctx: Context, flags: ConfigShowOptions): Promise<number> {
  const config = await readProjectConfig(ctx.config, flags);
  const { configToJson, formatConfig } = await import('../../terminal/setup/render-config.ts');
  ctx.terminal.result(
    flags.json === true ? JSON.stringify(configToJson(config)) : formatConfig(config, flags.origin === true),
  );
  return 0;
}

/** Returns the exit code. */
async function runConfigSchema(ctx: Context): Promise<number> {
  const { configSchema } = await import('../../stacks/config/schema.ts');
  ctx.terminal.result(JSON.stringify(configSchema(), null, 2));
  return 0;
}
