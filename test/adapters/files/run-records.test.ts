import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRunRecords } from '../../../src/adapters/files/run-records.ts';

const about = (id: string, startedAt = '2026-11-01T00:00:00Z') => ({
  ...{ id, stage: 'dev', account: '123456789012', region: 'ap-southeast-1', startedAt, planId: 'p_1' },
});

const makeProject = (): string => mkdtempSync(join(tmpdir(), 'sbw-runs-'));

test('a run is found again with all that was noted, in that order', async () => {
  const records = openRunRecords(makeProject());
  const run = await records.begin('r_1', about('r_1'));
  run.note({ type: 'task-started', task: 'storage' });
  assert.deepEqual(await records.find('r_1'), {
    ...{ about: about('r_1'), notes: [{ type: 'task-started', task: 'storage' }], result: null },
  });
  run.note({ type: 'task-ended', task: 'storage' });
  await run.save('result.json', { ok: true });
  await run.close();
  const found = await records.find('r_1');
  assert.deepEqual([found?.notes.length, found?.result], [2, { ok: true }]);
});

test('a run that was killed in the middle of a line keeps the lines before it', async () => {
  const project = makeProject();
  const records = openRunRecords(project);
  const run = await records.begin('r_1', about('r_1'));
  run.note({ number: 1 });
  appendFileSync(join(project, '.sbw/runs/r_1/events.jsonl'), '{"number":');
  assert.deepEqual((await records.find('r_1'))?.notes, [{ number: 1 }]);
});

test('runs are listed newest first; what is no run, or half of one, is none', async () => {
  const project = makeProject();
  const records = openRunRecords(project);
  assert.deepEqual(await records.list(), []);
  for (const [id, at] of [
    ['r_old', '2026-10-01T00:00:00Z'],
    ['r_new', '2026-11-02T00:00:00Z'],
    ['r_mid', '2026-11-01T00:00:00Z'],
  ] as const) {
    await records.begin(id, about(id, at));
  }
  for (const name of ['r_empty', 'notes', 'r_broken']) mkdirSync(join(project, '.sbw/runs', name));
  writeFileSync(join(project, '.sbw/runs/r_broken/about.json'), '{"id":');
  assert.deepEqual(
    (await records.list()).map(({ id }) => id),
    ['r_new', 'r_mid', 'r_old'],
  );
});

test('a name that leads out of the folder is no run', async () => {
  const project = makeProject();
  writeFileSync(join(project, 'about.json'), JSON.stringify(about('r_1')));
  for (const id of ['../..', 'r_../../..', '', 'r_', `r_${'x'.repeat(100)}`, 'r_1/..']) {
    assert.equal(await openRunRecords(project).find(id), null, id);
  }
});

test('a record that cannot be written stops no deploy, and a saved file is whole', async () => {
  const project = makeProject();
  const run = await openRunRecords(project).begin('r_1', about('r_1'));
  await run.save('plan.json', { id: 'p_1' });
  assert.deepEqual(readdirSync(join(project, '.sbw/runs/r_1')).toSorted(), ['about.json', 'plan.json']);
  rmSync(join(project, '.sbw'), { recursive: true });
  run.note({ number: 1 });
});
