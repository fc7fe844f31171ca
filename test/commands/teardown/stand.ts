import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { registerProtect } from '../../../src/commands/protect.ts';
import { registerTeardown, runTeardown } from '../../../src/commands/teardown.ts';
import type { TeardownContext } from '../../../src/commands/teardown/context.ts';
import { printError } from '../../../src/terminal/print-error.ts';
import { type Stand, type StandOptions, clockOf, openStand } from '../../stacks/teardown/stand.ts';
import { type FakeContext, fakeContext } from '../../support/context.ts';

/** What the operator says when a person is there. */
interface Answers {
  readonly typed?: string;
  readonly saves?: boolean;
}

/** A whole stage in a fake account, and the commands that end it, as a shell would run them. */
export interface CommandStand extends Stand {
  readonly folder: string;
  sbw(argv: string, answers?: Answers): Promise<{ code: number; stdout: string; stderr: string }>;
  readonly ctx: FakeContext;
  /** What was offered to be saved, and where to. */
  readonly asked: string[];
}

export async function openCommandStand(t: TestContext, options: StandOptions = {}): Promise<CommandStand> {
  const stand = await openStand(options);
  t.after(() => stand.close());
  const folder = mkdtempSync(join(tmpdir(), 'sbw-teardown-'));
  const base = fakeContext({
    cwd: folder,
    env: {
      AWS_REGION: stand.aws.region,
      AWS_ENDPOINT_URL: stand.aws.endpointUrl,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    },
  });
  const asked: string[] = [];
  const sbw: CommandStand['sbw'] = async (argv, { typed, saves } = {}) => {
    base.stdout.length = 0;
    base.stderr.length = 0;
    const ctx: TeardownContext = {
      ...base,
      clock: clockOf(stand.aws),
      terminal: { ...base.terminal, isInteractive: typed !== undefined },
    };
    const exit = { code: 0 };
    const program = new Command('sbw').exitOverride();
    registerTeardown(program, ctx, exit, (one, flags) =>
      runTeardown(one, flags, {
        stageName: async () => typed ?? '',
        export: async (...question) => {
          asked.push(question.join(' -> '));
          return saves ?? false;
        },
      }),
    );
    registerProtect(program, ctx, exit);
    try {
      await program.parseAsync(argv.split(' '), { from: 'user' });
    } catch (error) {
      exit.code = printError(base.terminal, error, true);
    }
    return { code: exit.code, stdout: base.stdout.join('\n'), stderr: base.stderr.join('\n') };
  };
  return { ...stand, folder, sbw, ctx: base, asked };
}
