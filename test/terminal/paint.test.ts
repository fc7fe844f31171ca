import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defuse, oneLine, paint, printable, withoutColour } from '../../src/terminal/paint.ts';

test('control characters and direction marks of data are shown, never sent', () => {
  assert.equal(printable('a\u001b[2Jb\u0007\u009bc\u202ed'), 'a\\u001b[2Jb\\u0007\\u009bc\\u202ed');
  assert.equal(printable('one\n\ttwo'), 'one\n\ttwo');
  assert.equal(oneLine('one\n\ttwo'), 'one\\u000a\\u0009two');
  assert.equal(oneLine('\r'), '\\u000d');
  assert.equal(oneLine('x'.repeat(50), 10), 'xxxxxxx...');
  assert.equal(printable('Tiếng Việt 🛒'), 'Tiếng Việt 🛒');
});

test('our own colours pass, every other sequence is defused', () => {
  const painted = paint.red('bad');
  assert.notEqual(painted, 'bad');
  assert.equal(withoutColour(painted), 'bad');
  assert.equal(
    defuse(`${painted}\u001b[2J\u001b]0;title\u0007`),
    `${painted}\\u001b[2J\\u001b]0;title\\u0007`,
  );
});
