import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSchedule } from '../../src/local/schedule.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('runs follow each other and never overlap, however slow', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const schedule = startSchedule({
    everyMs: 1,
    runOnce: async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(10);
      running -= 1;
      runs += 1;
    },
    onFailure: (error) => assert.fail(String(error)),
  });
  await sleep(80);
  await schedule.stop();
  assert.equal(most, 1);
  assert.ok(runs >= 3, `${runs} runs`);
  assert.equal(running, 0, 'stop waits for the run that is under way');
  const after = runs;
  await sleep(30);
  assert.equal(runs, after, 'nothing begins after stop');
});

test('a run that fails is told, and the next one comes', async () => {
  const failures: unknown[] = [];
  let runs = 0;
  const schedule = startSchedule({
    everyMs: 1,
    runOnce: async () => {
      runs += 1;
      if (runs === 1) throw new Error('the warehouse is away');
    },
    onFailure: (error) => failures.push(error),
  });
  while (runs < 2) await sleep(5);
  await schedule.stop();
  assert.equal(failures.length, 1);
  assert.match(String(failures[0]), /the warehouse is away/);
});

test('stop does not wait for the pause', async () => {
  const schedule = startSchedule({
    everyMs: 60_000,
    runOnce: async () => undefined,
    onFailure: () => undefined,
  });
  await sleep(10);
  const before = performance.now();
  await schedule.stop();
  assert.ok(performance.now() - before < 1000);
});
