import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { registerDeploy } from '../../src/commands/deploy.ts';
import { registerHost } from '../../src/commands/host.ts';
import type { Context } from '../../src/context.ts';
import { printError } from '../../src/terminal/print-error.ts';
import type { FakeAwsOptions } from '../fakes/aws/fake-aws.ts';
import { type Stand, openStand } from '../stacks/deploy/stand.ts';
import { type FakeContext, fakeContext } from './context.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fake account, and the commands that deploy to it, as a shell would run them. */
export interface CommandStand extends Stand {
  /** @param answer what the operator says to every question; undefined: nobody is there */
  sbw(argv: string, answer?: boolean): Promise<Answer>;
  /** What a signal does to the run that goes on. */
  ctx: FakeContext;
}

export async function openCommandStand(t: TestContext, options: FakeAwsOptions = {}): Promise<CommandStand> {
  const stand = await openStand(options);
  t.after(() => stand.close());
  const result: Stand & { ctx: FakeContext } = { ...stand, ctx: fakeContext({ cwd: stand.folder }) };
  return Object.assign(result, {
    sbw: async (argv: string, answer?: boolean): Promise<Answer> => {
      const base = fakeContext({ cwd: stand.folder, ...(answer === undefined ? {} : { answer }) });
      result.ctx = base;
      const ctx: Context = {
        ...base,
        clock: stand.clock,
        openPlatform: async () => ({ ...result.ports, close: () => undefined }),
      };
      const exit = { code: 0 };
      const program = new Command('sbw').exitOverride().configureOutput({ writeErr: () => undefined });
      registerDeploy(program, ctx, exit);
      registerHost(program, ctx, exit);
      try {
        await program.parseAsync(argv.split(' '), { from: 'user' });
      } catch (error) {
        exit.code = printError(base.terminal, error, true);
      }
      return { code: exit.code, stdout: base.stdout.join('\n'), stderr: base.stderr.join('\n') };
    },
  });
}
