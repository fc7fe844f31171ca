import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { TeardownEvent } from '../../../../src/stacks/teardown/apply/event.ts';
import { type Runner, runTasks } from '../../../../src/stacks/teardown/apply/run-tasks.ts';
import type { Task } from '../../../../src/stacks/teardown/plan/task.ts';

const task = (id: string, needs: string[] = [], after: string[] = []): Task => ({
  ...{ id, step: 'also', title: id, detail: '', needs, after, deadlineMinutes: 1 },
  action: { type: 'allow-writes', bucket: id },
});

interface Watched extends Runner {
  readonly begun: string[];
  readonly events: TeardownEvent[];
}

function runner(
  work: (id: string, attempt: number) => Promise<void> | void,
  stop = new AbortController(),
): Watched {
  const begun: string[] = [];
  const events: TeardownEvent[] = [];
  return {
    ...{ begun, events, stop: stop.signal, heartbeatMs: 5 },
    clock: { now: () => new Date(), sleep: async () => undefined },
    emit: (event) => void events.push(event),
    perform: async ({ id }, say) => {
      begun.push(id);
      say(`${id} works`);
      await work(id, begun.filter((one) => one === id).length);
      return 'done';
    },
  };
}

const outcomes = (results: Awaited<ReturnType<typeof runTasks>>): Record<string, string> =>
  Object.fromEntries(results.map(({ task: { id }, end }) => [id, end.outcome]));

test('each task begins when its needs are met, independents side by side', async () => {
  let [now, most] = [0, 0];
  const watched = runner(async () => {
    most = Math.max(most, (now += 1));
    await pause(2);
    now -= 1;
  });
  const results = await runTasks(watched, [
    task('c', ['a', 'b']),
    task('a'),
    task('b'),
    task('d', [], ['c']),
  ]);
  assert.deepEqual(watched.begun, ['a', 'b', 'c', 'd']);
  assert.equal(most, 2);
  assert.deepEqual(new Set(Object.values(outcomes(results))), new Set(['done']));
});

test('a failure skips what needs it, not what only comes after it, and is tried once more at the end', async () => {
  const watched = runner((id) => {
    if (id === 'a') throw new Error('no');
  });
  const results = await runTasks(watched, [
    task('a'),
    task('needs', ['a']),
    task('after', [], ['a']),
    task('far', ['needs']),
  ]);
  assert.deepEqual(outcomes(results), { a: 'failed', needs: 'skipped', after: 'done', far: 'skipped' });
  assert.deepEqual(watched.begun, ['a', 'after', 'a']);
});

test('what goes away by itself is over in the second round, and everything behind it follows', async () => {
  const watched = runner((id, attempt) => {
    if (id === 'a' && attempt === 1) throw new Error('not yet');
  });
  const results = await runTasks(watched, [task('a'), task('b', ['a']), task('c')]);
  assert.deepEqual(outcomes(results), { a: 'done', b: 'done', c: 'done' });
  assert.deepEqual(watched.begun, ['a', 'c', 'a', 'b']);
});

test('after a signal nothing begins, and nothing is tried again', async () => {
  const stop = new AbortController();
  const watched = runner((id) => {
    if (id !== 'a') return;
    stop.abort('SIGINT');
    throw new Error('stopped halfway');
  }, stop);
  const results = await runTasks(watched, [task('a'), task('b', ['a']), task('c', [], ['a'])]);
  assert.deepEqual(outcomes(results), { a: 'stopped', b: 'stopped', c: 'stopped' });
  assert.deepEqual(watched.begun, ['a']);
});

test('the heart beats while something runs, with its latest words', async () => {
  const watched = runner(() => pause(40));
  await runTasks(watched, [task('a')]);
  const beats = watched.events.filter((event) => event.type === 'heartbeat');
  assert.ok(beats.length >= 2, `${beats.length} beats`);
  assert.deepEqual(
    beats[0]?.running.map(({ text }) => text),
    ['a works'],
  );
  const count = watched.events.length;
  await pause(20);
  assert.equal(watched.events.length, count, 'and stops with it');
});
