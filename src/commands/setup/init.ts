import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import { writeProjectConfig } from '../../project-config.ts';
import type { Answers } from '../../stacks/config/write-config.ts';
import { DEFAULT_STAGE, parseStage } from '../../stacks/stage.ts';
import type { Question } from '../../terminal/setup/ask-setup.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples } from '../options.ts';

export interface InitOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly origin?: string;
  readonly alarmEmail?: string;
  readonly stage?: string;
  readonly account?: string;
  readonly yes?: boolean;
  /** Write over a file that is there. */
  readonly force?: boolean;
  readonly json?: boolean;
  /** False with --no-input: nobody is asked. */
  readonly input?: boolean;
}

type Ask = (questions: readonly Question[]) => Promise<Readonly<Record<string, string>>>;

/** The region of the platform's first installation. */
const USUAL_REGION = 'ap-southeast-1';

export function registerInit(parent: Command, ctx: Context, exit: Exit, run = runInit): void {
  const command = parent
    .command('init')
    .summary('Write a config file for this project: four questions.')
    .description(
      'Write sbw.config.yaml into this folder: four questions, each with a flag that answers it beforehand. The file ' +
        'explains every setting. One that is there already stays as it is, unless --force is given.',
    )
    .option('--region <name>', 'AWS region to deploy to')
    .option('--profile <name>', 'AWS profile to work with; an empty one: what the environment says')
    .option(
      '--origin <url>',
      'the web site whose pages may send events, such as https://shop.example; * for all',
    )
    .option('--alarm-email <address>', 'who is told when something is wrong; an empty one: nobody')
    .option('--stage <name>', `the stage to work on when none is named (default: ${DEFAULT_STAGE})`)
    .option('--account <id>', 'the only AWS account that sbw may work on, 12 digits')
    .option('-y, --yes', 'take the suggestion for every question without a flag')
    .option('--force', 'write over the file that is there');
  addJsonOption(command)
    .addHelpText(
      'after',
      examples(
        'sbw init',
        'sbw init --yes --region eu-central-1',
        'sbw init --yes --origin https://shop.example --alarm-email ops@shop.example',
      ),
    )
    .action(async () => {
      exit.code = await run(ctx, command.optsWithGlobals<InitOptions>());
    });
}

/** Returns the exit code. */
export async function runInit(ctx: Context, flags: InitOptions, ask: Ask = askOnTerminal): Promise<number> {
  const answers = await collect(ctx, flags, ask);
  const [{ writeConfig }, { parseConfigFile }] = await Promise.all([
    import('../../stacks/config/write-config.ts'),
    import('../../stacks/config/config-file.ts'),
  ]);
  const text = writeConfig(answers);
  // Flags come unchecked: what would not be read again is not written.
  parseConfigFile('sbw.config.yaml', text);
  const path = await writeProjectConfig(ctx.config.cwd, text, flags.force);
  ctx.terminal.result(
    flags.json === true
      ? JSON.stringify({ schema: 'sbw.init/1', path, stage: answers.stage, region: answers.region })
      : `Wrote ${path}\nNext: sbw cost   then: sbw deploy --plan-only`,
  );
  return 0;
}

/** @throws SbwError ANSWER_MISSING (usage) when a question has no flag and nobody can be asked */
async function collect(ctx: Context, flags: InitOptions, ask: Ask): Promise<Answers> {
  const given: Readonly<Record<string, string | undefined>> = {
    region: flags.region,
    profile: flags.profile,
    origin: flags.origin,
    'alarm-email': flags.alarmEmail,
  };
  const questions = await questionsFor(ctx);
  const open = questions.filter(({ flag }) => given[flag] === undefined);
  const said = open.length === 0 || flags.yes === true ? {} : await askOrRefuse(ctx, flags, open, ask);
  const answers = Object.fromEntries(
    questions.map(({ flag, suggestion }) => [flag, given[flag] ?? said[flag] ?? suggestion]),
  );
  return {
    stage: parseStage(flags.stage ?? ctx.config.stage).name,
    region: answers['region']!,
    profile: answers['profile'] || null,
    account: flags.account?.replaceAll('-', '') ?? null,
    settings: {
      allowedOrigins: answers['origin']!.split(','),
      ...(answers['alarm-email'] ? { alarmEmail: answers['alarm-email'] } : {}),
    },
  };
}

async function askOrRefuse(
  ctx: Context,
  { input }: InitOptions,
  open: readonly Question[],
  ask: Ask,
): Promise<Readonly<Record<string, string>>> {
  if (ctx.terminal.isInteractive && input !== false) return ask(open);
  const [first] = open;
  throw new SbwError('ANSWER_MISSING', `Nobody is here to answer: ${first!.text}`, {
    kind: 'usage',
    fix: `add ${open.map(({ flag }) => `--${flag} <...>`).join(' ')}, or --yes to take the suggestions`,
  });
}

async function questionsFor({ config }: Context): Promise<readonly Question[]> {
  const { judgeKey, judgeSetting } = await import('../../stacks/config/keys.ts');
  return [
    {
      flag: 'region',
      text: 'AWS region to deploy to:',
      suggestion: config.aws.region ?? USUAL_REGION,
      judge: (answer) => judgeKey('region', answer),
    },
    {
      flag: 'profile',
      text: 'AWS profile to work with (empty: what the environment says):',
      suggestion: config.aws.profile ?? '',
      judge: (answer) => answer === '' || judgeKey('profile', answer),
    },
    {
      flag: 'origin',
      text: 'Web site whose pages may send events, such as https://shop.example (* for all):',
      suggestion: '*',
      judge: (answer) => judgeSetting('allowedOrigins', answer),
    },
    {
      flag: 'alarm-email',
      text: 'E-mail address that is told when something is wrong (empty: nobody):',
      suggestion: '',
      judge: (answer) => answer === '' || judgeSetting('alarmEmail', answer),
    },
  ];
}

async function askOnTerminal(questions: readonly Question[]): Promise<Readonly<Record<string, string>>> {
  const { askSetup } = await import('../../terminal/setup/ask-setup.ts');
  return askSetup(questions);
}
