import type { Context } from '../../context.ts';
import { EXIT_CODE, SbwError } from '../../errors.ts';
import { explainStack } from '../../stacks/deploy/diagnose/explain.ts';
import type { StackFailure } from '../../stacks/deploy/diagnose/failure.ts';
import { findStacks } from '../../stacks/deploy/plan/gather.ts';
import type { Platform } from '../../stacks/ports/platform.ts';
import { type Stage, stackNameOf } from '../../stacks/stage.ts';
import type { DeployOptions } from './options.ts';

type Ports = Pick<Platform, 'cloudFormation' | 'runRecords'>;

/**
 * `--explain [run]`, `--stack`: why something failed, also later and also for stacks that are gone.
 * Returns the exit code: 1 when a failure was found.
 *
 * @throws SbwError RUN_NOT_FOUND
 */
export async function explainRun(
  ctx: Context,
  ports: Ports,
  stage: Stage,
  flags: DeployOptions,
): Promise<number> {
  const failures = await findFailures(ports, stage, flags);
  const [{ formatFailure }, { failureToJson }, { fit }] = await Promise.all([
    import('../../terminal/deploy/render-failure.ts'),
    import('../../terminal/deploy/deploy-json.ts'),
    import('../../terminal/wrap.ts'),
  ]);
  const json = {
    schema: 'sbw.deploy-explain/1',
    stage: stage.name,
    failures: failures.map((failure) => failureToJson(failure.failed.stackName, failure)),
  };
  const text =
    failures.length === 0
      ? 'Nothing failed.'
      : failures.map((failure) => formatFailure(failure.failed.stackName, failure, null)).join('\n');
  ctx.terminal.result(flags.json === true ? JSON.stringify(json) : fit(ctx.terminal, text));
  return failures.length === 0 ? 0 : EXIT_CODE.failed;
}

async function findFailures(
  ports: Ports,
  stage: Stage,
  flags: DeployOptions,
): Promise<readonly StackFailure[]> {
  const stacks =
    flags.stack !== undefined
      ? [nameOf(stage, flags.stack)]
      : typeof flags.explain === 'string'
        ? await stacksOfRun(ports, flags.explain)
        : await stacksOfStage(ports, stage);
  const found = await Promise.all(stacks.map((stack) => explainStack(ports.cloudFormation, stack)));
  return found.filter((failure) => failure !== null);
}

/** A layer, the name of a stack, or its id. */
function nameOf(stage: Stage, stack: string): string {
  return stack.startsWith('arn:') || stack.startsWith('sbw-') ? stack : stackNameOf(stage, stack);
}

/** Ids of what failed in it: a deleted stack has nothing else. */
async function stacksOfRun({ runRecords }: Ports, id: string): Promise<readonly string[]> {
  const run = await runRecords.find(id);
  if (run === null) {
    const known = (await runRecords.list()).slice(0, 5).map((about) => about.id);
    throw new SbwError(
      'RUN_NOT_FOUND',
      `This project remembers no deploy ${JSON.stringify(id.slice(0, 80))}.`,
      {
        fix:
          known.length === 0
            ? 'runs are kept in .sbw/runs of the project'
            : `the last ones are ${known.join(', ')}`,
      },
    );
  }
  const ids = run.notes.flatMap((note) => {
    const { failure } = (note ?? {}) as { failure?: { stack_id?: string } };
    return failure?.stack_id === undefined ? [] : [failure.stack_id];
  });
  return [...new Set(ids)];
}

async function stacksOfStage({ cloudFormation }: Ports, stage: Stage): Promise<readonly string[]> {
  const stacks = await findStacks({ cloudFormation }, stage);
  return [...stacks.values()].flatMap((stack) => (stack === null ? [] : [stack.id]));
}
