import { SbwError } from '../../errors.ts';

/** One question of `sbw init`. */
export interface Question {
  /** The flag that answers it beforehand, without the dashes. */
  readonly flag: string;
  readonly text: string;
  /** Taken when the operator just presses enter; '' for none. */
  readonly suggestion: string;
  /** True, or what is wrong with it in a sentence. */
  judge(answer: string): true | string;
}

/**
 * Asks on stderr, one question after the other.
 *
 * @returns the answers by flag
 * @throws SbwError CANCELLED, ANSWER_MISSING (usage) when there is no keyboard
 */
export async function askSetup(questions: readonly Question[]): Promise<Readonly<Record<string, string>>> {
  if (!process.stdin.isTTY) {
    throw new SbwError('ANSWER_MISSING', `Nobody is here to answer: ${questions[0]?.text ?? ''}`, {
      kind: 'usage',
      fix: `add ${questions.map(({ flag }) => `--${flag} <...>`).join(' ')}`,
    });
  }
  // Loaded here: inquirer takes longer to load than `sbw --help` may run.
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ input: process.stdin, output: process.stderr });
  try {
    const answers: Record<string, string> = {};
    for (const { flag, text, suggestion, judge } of questions) {
      const { answer } = await prompt<{ answer: string }>([
        {
          ...{ type: 'input', name: 'answer', message: text },
          ...(suggestion === '' ? {} : { default: suggestion }),
          validate: (value: string) => judge(value.trim()),
        },
      ]);
      answers[flag] = answer.trim();
    }
    return answers;
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ExitPromptError') throw cause;
    throw new SbwError('CANCELLED', 'Cancelled; nothing was written.', { kind: 'cancelled', cause });
  }
}
