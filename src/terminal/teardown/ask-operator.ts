import type { createPromptModule } from 'inquirer';
import { SbwError } from '../../errors.ts';
import { oneLine } from '../paint.ts';

type Prompt = ReturnType<typeof createPromptModule>;

/** Lets the operator type the stage's name; anything else deletes nothing. @throws SbwError CANCELLED */
export async function askStageName(stage: string): Promise<string> {
  return ask(async (prompt) => {
    const message = `Type the stage name to delete all of this (${stage}):`;
    const { name } = await prompt<{ name: string }>([{ type: 'input', name: 'name', message }]);
    return name.trim();
  });
}

/** Yes is what enter alone means: it deletes nothing. @throws SbwError CANCELLED */
export async function askExport(what: string, folder: string): Promise<boolean> {
  return ask(async (prompt) => {
    const message = `Save ${oneLine(what)} to ./${oneLine(folder)} first?`;
    const { yes } = await prompt<{ yes: boolean }>([
      { type: 'confirm', name: 'yes', message, default: true },
    ]);
    return yes;
  });
}

async function ask<T>(question: (prompt: Prompt) => Promise<T>): Promise<T> {
  // Loaded here: inquirer takes longer to load than `sbw --help` may run.
  const { createPromptModule } = await import('inquirer');
  try {
    return await question(createPromptModule({ input: process.stdin, output: process.stderr }));
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ExitPromptError') throw cause;
    throw new SbwError('CANCELLED', 'Cancelled; nothing was deleted.', { kind: 'cancelled', cause });
  }
}
