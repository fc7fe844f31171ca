import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../../src/errors.ts';
import type { DeployEvent, TaskId } from '../../../../src/stacks/deploy/apply/event.ts';
import { type Task, runTasks } from '../../../../src/stacks/deploy/apply/run-tasks.ts';

const clock = { now: () => new Date(0), sleep: async () => undefined };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function run(tasks: readonly Task[], stop = new AbortController()) {
  const events: DeployEvent[] = [];
  const ends = await runTasks({ clock, stop: stop.signal, emit: (event) => void events.push(event) }, tasks);
  const said = events.map((event) =>
    event.type === 'task-started' ? `+${event.task}` : event.type === 'task-ended' ? `-${event.task}` : '',
  );
  const outcomes = Object.fromEntries([...ends].map(([id, { outcome }]) => [id, outcome]));
  return { ends, said, outcomes };
}

const task = (id: TaskId, needs: readonly TaskId[] = [], work: Task['run'] = async () => 'done'): Task => ({
  ...{ id, needs },
  run: async () => {
    await tick();
    return work();
  },
});

test('what needs nothing begins at once, the rest when all that it needs has ended well', async () => {
  const { said } = await run([
    task('etl', ['network', 'storage']),
    task('storage'),
    task('network', [], async () => {
      await tick();
      return 'unchanged';
    }),
  ]);
  assert.deepEqual(said, ['+storage', '+network', '-storage', '-network', '+etl', '-etl']);
});

test('a failure stops what needs it, however far behind, and nothing else', async () => {
  const broken = new Error('broken');
  const { outcomes, ends } = await run([
    task('network', [], () => Promise.reject(broken)),
    task('warehouse', ['network']),
    task('smoke', ['warehouse', 'storage']),
    task('storage'),
    task('ingest', ['storage']),
  ]);
  assert.deepEqual(outcomes, {
    ...{ network: 'failed', warehouse: 'skipped', smoke: 'skipped', storage: 'done', ingest: 'done' },
  });
  assert.deepEqual(ends.get('network'), { outcome: 'failed', error: broken });
  assert.deepEqual(ends.get('smoke'), { outcome: 'skipped', because: 'warehouse' });
});

test('a need that is not in the plan is there already', async () => {
  assert.deepEqual((await run([task('etl', ['network', 'warehouse'])])).outcomes, { etl: 'done' });
});

test('after a stop nothing begins; what runs is waited for', async () => {
  const stop = new AbortController();
  const work = async (): Promise<'done'> => {
    stop.abort();
    await tick();
    return 'done';
  };
  const { outcomes, said } = await run([task('storage', [], work), task('ingest', ['storage'])], stop);
  assert.deepEqual(outcomes, { storage: 'done', ingest: 'stopped' });
  assert.ok(!said.includes('+ingest'));
});

test('whoever stopped waiting has not failed', async () => {
  const left = new SbwError('DEPLOY_STOPPED', 'Nobody waits.', { kind: 'cancelled' });
  const { outcomes } = await run([
    task('network', [], () => Promise.reject(left)),
    task('web-db', ['network']),
  ]);
  assert.deepEqual(outcomes, { network: 'stopped', 'web-db': 'skipped' });
});

test('no task: nothing to wait for', async () => {
  assert.deepEqual((await run([])).said, []);
});
