import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCommandStand } from './stand.ts';

const KEY = 'events/2026/11/23/05/event-1.json';

test('what can be saved is offered before the name is typed, and is saved before anything goes', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.seed.objects(stand.raw, [KEY]);
  const { code, stdout, stderr } = await stand.sbw('teardown', { typed: 'dev', saves: true });
  assert.equal(code, 0, stdout);
  assert.equal(stand.asked.length, 1);
  const [, folder] = /^1 raw object \(2 B\) -> (sbw-backup-dev-\d{8})$/.exec(stand.asked[0]!) ?? [];
  assert.equal(readFileSync(join(stand.folder, folder!, 'raw', KEY), 'utf8'), '{}');
  assert.match(stderr, /NOT SAVED {2}the warehouse: nothing says where it can be reached/);
  assert.deepEqual(stand.aws.residue(), []);
});

test('who declines, or has a name that is wrong, loses nothing by it', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.seed.objects(stand.raw, [KEY]);
  const before = stand.aws.residue().length;
  const { code } = await stand.sbw('teardown', { typed: 'no', saves: false });
  assert.equal(code, 130);
  assert.deepEqual([stand.asked.length, stand.aws.residue().length], [1, before]);
});

test('nothing is offered where nothing can be saved, and nobody is asked twice', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('teardown', { typed: 'no' })).code, 130);
  stand.aws.seed.objects(stand.raw, [KEY]);
  assert.equal((await stand.sbw('teardown --keep raw', { typed: 'no' })).code, 130);
  assert.equal((await stand.sbw('teardown --export bak', { typed: 'no' })).code, 130);
  assert.equal((await stand.sbw('teardown')).code, 64);
  assert.deepEqual(stand.asked, []);
  assert.ok(existsSync(join(stand.folder, 'bak/raw', KEY)));
});

test('a script is told the very command, with all that decided about the plan', async (t) => {
  const stand = await openCommandStand(t);
  const { stderr } = await stand.sbw(`teardown --keep raw,web-db --region ${stand.aws.region}`);
  const fix = /fix {4}sbw (.+)/.exec(stderr)?.[1] ?? '';
  assert.match(
    fix,
    /^teardown --stage dev --region ap-southeast-1 --keep raw,web-db --plan t_\w+ --confirm dev$/,
  );
  const { code, stdout } = await stand.sbw(fix);
  assert.equal(code, 0, stdout);
});
