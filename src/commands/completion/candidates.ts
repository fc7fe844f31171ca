import type { Command, Option } from 'commander';

/** Something that may stand where the cursor is. */
export interface Candidate {
  readonly word: string;
  /** One line, for shells that show it. */
  readonly about: string;
}

/** What no list of ours can know: the names of stages. */
export interface Words {
  stages(): Promise<readonly string[]>;
}

/**
 * What may stand where the cursor is, read from the commands themselves: there is no second list of them.
 *
 * @param words behind `sbw`, the last one as far as it is typed; `--a=b` whole, or in three as bash cuts it
 * @returns those that begin with what is typed; none where any text or file name may stand
 */
export async function completeLine(
  program: Command,
  words: readonly string[],
  known: Words,
): Promise<readonly Candidate[]> {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const { command, isPlain } = findCommand(program, before);
  const assigned = assignmentAt(command, before, typed);
  if (assigned !== null) {
    const { option, value, prefix } = assigned;
    const values = await valuesOf(option, known);
    return beginningWith(value, values).map((one) => ({ ...one, word: `${prefix}${one.word}` }));
  }
  if (typed.startsWith('-') && isPlain) {
    return beginningWith(typed, optionsOf(command).filter(isNew(before)).flatMap(candidateOf));
  }
  return beginningWith(typed, [...commandsOf(command), ...argumentsOf(command)]);
}

/** The command that the words lead to. `isPlain`: no `--` among them, behind which nothing is an option. */
function findCommand(program: Command, words: readonly string[]): { command: Command; isPlain: boolean } {
  let command = program;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    if (word === '--') return { command, isPlain: false };
    if (word.startsWith('-')) {
      if (takesNext(findOption(command, word))) index += words[index + 1] === '=' ? 2 : 1;
      continue;
    }
    command = command.commands.find((child) => child.name() === word) ?? command;
  }
  return { command, isPlain: true };
}

/** The option whose value is being typed; null when something else is. */
function assignmentAt(
  command: Command,
  before: readonly string[],
  typed: string,
): { readonly option: Option; readonly value: string; readonly prefix: string } | null {
  const at = typed.indexOf('=');
  if (typed.startsWith('--') && at > 0) {
    const option = findOption(command, typed.slice(0, at));
    return option === null ? null : { option, value: typed.slice(at + 1), prefix: typed.slice(0, at + 1) };
  }
  const isCut = typed === '=' || before.at(-1) === '=';
  const owner = before.at(before.at(-1) === '=' ? -2 : -1) ?? '';
  const option = owner.startsWith('-') ? findOption(command, owner) : null;
  if (option === null || !(isCut || takesNext(option))) return null;
  return { option, value: typed === '=' ? '' : typed, prefix: '' };
}

function takesNext(option: Option | null): boolean {
  return option?.required === true;
}

async function valuesOf(option: Option, known: Words): Promise<readonly Candidate[]> {
  const values = option.long === '--stage' ? await known.stages() : (option.argChoices ?? []);
  return values.map((word) => ({ word, about: '' }));
}

function optionsOf(command: Command): readonly Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

function findOption(command: Command, word: string): Option | null {
  return optionsOf(command).find(({ long, short }) => word === long || word === short) ?? null;
}

/** An option that is on the line already is offered again only when it may be repeated. */
function isNew(before: readonly string[]): (option: Option) => boolean {
  return ({ long, short, variadic, description }) =>
    variadic ||
    /repeat/.test(description) ||
    !before.some((word) => word === long || word === short || word.startsWith(`${long}=`));
}

function candidateOf({ long, short, description }: Option): Candidate[] {
  const word = long ?? short;
  return word === undefined ? [] : [{ word, about: description }];
}

function commandsOf(command: Command): readonly Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((child) => ({
    word: child.name(),
    about: child.summary() || firstSentence(child.description()),
  }));
}

function argumentsOf({ registeredArguments }: Command): readonly Candidate[] {
  return registeredArguments.flatMap(({ argChoices = [] }) =>
    argChoices.map((word) => ({ word, about: '' })),
  );
}

function beginningWith(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed));
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:;]) /)[0] ?? '';
}
