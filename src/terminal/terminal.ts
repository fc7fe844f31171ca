import type { Config } from '../config.ts';
import type { Terminal } from '../context.ts';
import { SbwError } from '../errors.ts';
import { defuse, withoutColour } from './paint.ts';

/** The flags every command takes that concern the terminal. */
export interface TerminalFlags {
  readonly quiet: boolean;
  /** `--no-input`: a question is an error. */
  readonly noInput: boolean;
  /** `--no-color` */
  readonly noColour: boolean;
}

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

type Surroundings = Pick<Config, 'colour' | 'isCi' | 'isDumbTerminal'>;

/**
 * The operator's terminal. Colours where the stream is a terminal that knows them; FORCE_COLOR beats a pipe,
 * NO_COLOR and --no-color beat a terminal. stdout and stderr are judged apart.
 */
export function createTerminal(
  surroundings: Surroundings,
  flags: TerminalFlags,
  { stdin, stdout, stderr }: TerminalStreams,
): Terminal {
  // isTTY is undefined, not false, on a pipe.
  const canRedraw = Boolean(stderr.isTTY) && !surroundings.isDumbTerminal && !surroundings.isCi;
  const isInteractive = canRedraw && !flags.quiet;
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    stream.write(takesColour(stream, surroundings, flags) ? text : withoutColour(text));
  };
  return {
    isInteractive,
    get width() {
      return stderr.isTTY && stderr.columns > 0 ? stderr.columns : 80;
    },
    result: (text) => write(stdout, `${defuse(text)}\n`),
    info: (text) => {
      if (!flags.quiet) write(stderr, `${defuse(text)}\n`);
    },
    error: (text) => write(stderr, `${defuse(text)}\n`),
    draw: (text) => {
      if (isInteractive) write(stderr, text);
    },
    confirm: async (question, flag) => {
      if (!canRedraw || !stdin.isTTY || flags.noInput) {
        throw new SbwError('ANSWER_MISSING', `Nobody is here to answer: ${question}`, {
          kind: 'usage',
          fix: `add ${flag} to say yes beforehand`,
        });
      }
      return ask(question, stdin, stderr);
    },
  };
}

function takesColour(stream: NodeJS.WriteStream, surroundings: Surroundings, flags: TerminalFlags): boolean {
  if (flags.noColour || surroundings.colour === 'never') return false;
  if (surroundings.colour === 'always') return true;
  return stream.isTTY && !surroundings.isDumbTerminal;
}

async function ask(question: string, input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<boolean> {
  // Loaded here: inquirer takes longer to load than `sbw --help` may run.
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ input, output });
  try {
    const answers = await prompt<{ yes: boolean }>([
      { type: 'confirm', name: 'yes', message: question, default: false },
    ]);
    return answers.yes;
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ExitPromptError') throw cause;
    throw new SbwError('CANCELLED', 'Cancelled; nothing was changed.', { kind: 'cancelled', cause });
  }
}
