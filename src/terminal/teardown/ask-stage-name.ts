import { SbwError } from '../../errors.ts';

/** Lets the operator type the stage's name; anything else deletes nothing. @throws SbwError CANCELLED */
export async function askStageName(stage: string): Promise<string> {
  // Loaded here: inquirer takes longer to load than `sbw --help` may run.
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ input: process.stdin, output: process.stderr });
  try {
    const { name } = await prompt<{ name: string }>([
      { type: 'input', name: 'name', message: `Type the stage name to delete all of this (${stage}):` },
    ]);
    return name.trim();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ExitPromptError') throw cause;
    throw new SbwError('CANCELLED', 'Cancelled; nothing was changed.', { kind: 'cancelled', cause });
  }
}
