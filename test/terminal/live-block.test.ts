import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { openLiveBlock } from '../../src/terminal/live-block.ts';
import { fakeContext } from '../support/context.ts';

const ERASE_TWO_LINES = '\u001b[2A\u001b[0J';

test('the block is drawn in place, cut to the terminal, and gone at the end', async () => {
  const { terminal, drawn, stderr } = fakeContext({ isInteractive: true });
  const block = openLiveBlock(terminal, () => ['12 of 40', 'x'.repeat(500)]);
  await sleep(650);
  block.print(['  ok  network']);
  block.close();
  const blocks = drawn.filter((text) => text !== ERASE_TWO_LINES);
  assert.ok(blocks.length >= 2 && blocks.length <= 4, `${blocks.length} redraws in 650 ms`);
  for (const text of blocks) assert.equal(text, `12 of 40\n${'x'.repeat(terminal.width - 1)}\n`);
  assert.equal(drawn.length, 2 * blocks.length, 'each was erased');
  assert.deepEqual(stderr, ['  ok  network']);
});

test('nothing is drawn while somebody is asked something', async () => {
  const { terminal, drawn } = fakeContext({ isInteractive: true });
  const block = openLiveBlock(terminal, () => ['busy', 'very']);
  await sleep(250);
  block.pause();
  const before = drawn.length;
  assert.equal(drawn.at(-1), ERASE_TWO_LINES);
  await sleep(450);
  assert.equal(drawn.length, before);
  block.resume();
  await sleep(250);
  assert.equal(drawn.at(-1), 'busy\nvery\n');
  block.close();
});

test('where nothing can be redrawn, only what stays is printed', async () => {
  const { terminal, drawn, stderr } = fakeContext();
  const block = openLiveBlock(terminal, () => ['busy']);
  await sleep(250);
  block.print(['  ok  network']);
  block.say('Stopping');
  block.close();
  assert.deepEqual([stderr, drawn], [['  ok  network', 'Stopping'], []]);
});
