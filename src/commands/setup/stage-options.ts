import type { Command } from 'commander';

/** Which stage, and where: the same words for every command that has to do with one. */
export function addStageOptions(command: Command): Command {
  return command
    .option('--stage <name>', 'which copy of the platform (SBW_STAGE; default: dev)')
    .option('--region <name>', 'AWS region (AWS_REGION)')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)');
}

/** `--set name=value`, as often as wanted. */
export function addSetOption(command: Command): Command {
  return command.option(
    '--set <name=value>',
    'decide a setting here and now; repeatable',
    (value: string, earlier: readonly string[] = []) => [...earlier, value],
  );
}
