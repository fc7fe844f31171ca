import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { openCommandStand } from './stand.ts';

test('with no stack left, the stage is looked for all the same before it is called gone', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('teardown --confirm dev')).code, 0);
  const id = `arn:aws:sns:${stand.aws.region}:${stand.aws.accountId}:made-by-hand`;
  stand.aws.seed.thing({ type: 'AWS::SNS::Topic', id, arn: id, tags: { 'sbw:stage': 'dev' } });
  const left = await stand.sbw('teardown --confirm dev');
  assert.equal(left.code, 5, left.stdout);
  assert.match(left.stdout, /left {2}sns \S+:made-by-hand, \$0\.00\/month\n {4}aws sns delete-topic/);
  assert.equal((await stand.sbw('teardown --dry-run')).code, 0, 'there is nothing that it would delete');

  stand.aws.seed.vanish('AWS::SNS::Topic', id);
  const receipts = readdirSync(stand.folder).length;
  const gone = await stand.sbw('teardown --confirm dev');
  assert.deepEqual([gone.code, readdirSync(stand.folder).length], [0, receipts]);
  assert.match(gone.stdout, /nothing to delete/);
});

test('a look that may not be made is no proof', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('teardown --confirm dev')).code, 0);
  stand.aws.deny('tag:GetResources');
  const { code, stdout } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 5, stdout);
  assert.match(stdout, /not proven {2}what carries the tag of the stage: May not call tag:GetResources/);
});
