import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { listStages } from '../project-config.ts';
import { completeLine } from './completion/candidates.ts';
import { SCRIPTS, SHELLS, type Shell } from './completion/scripts.ts';
import type { Exit } from './index.ts';
import { examples } from './options.ts';

/** `completion` prints what a shell has to be told; the hidden `complete` is what the shell asks then. */
export function registerCompletion(parent: Command, ctx: Context, exit: Exit): void {
  parent
    .command('completion')
    .summary('Let your shell complete commands, flags and stages.')
    .description(
      'Print what makes your shell complete commands, flags and stages when you press tab. Where to put it stands ' +
        'in its first lines. Nothing is asked of AWS.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'sbw completion bash > ~/.local/share/bash-completion/completions/sbw',
        'sbw completion zsh > ~/.zfunc/_sbw',
        'sbw completion fish > ~/.config/fish/completions/sbw.fish',
      ),
    )
    .action((shell: Shell) => {
      ctx.terminal.result(SCRIPTS[shell].trimEnd());
      exit.code = 0;
    });
  parent
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const found = await completeLine(parent, words, { stages: () => knownStages(ctx) });
      if (found.length === 0) return;
      ctx.terminal.result(found.map(({ word, about }) => `${word}\t${about}`).join('\n'));
    });
}

/** A config file that cannot be read must not fill the operator's prompt with errors. */
async function knownStages({ config }: Context): Promise<readonly string[]> {
  return listStages(config).catch(() => []);
}
