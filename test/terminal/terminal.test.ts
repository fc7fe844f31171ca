import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SbwError } from '../../src/errors.ts';
import { paint } from '../../src/terminal/paint.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';
import type { TerminalFlags, TerminalStreams } from '../../src/terminal/terminal.ts';

const SURROUNDINGS = { colour: 'auto', isCi: false, isDumbTerminal: false } as const;
const FLAGS: TerminalFlags = { quiet: false, noInput: false, noColour: false };

function streams(isTTY: { stdin?: boolean; stdout?: boolean; stderr?: boolean }) {
  const stdin = Object.assign(new PassThrough(), { isTTY: isTTY.stdin });
  const stdout = Object.assign(new PassThrough(), { isTTY: isTTY.stdout });
  const stderr = Object.assign(new PassThrough(), { isTTY: isTTY.stderr, columns: 100 });
  return {
    stdin,
    all: { stdin, stdout, stderr } as unknown as TerminalStreams,
    read: () => [text(stdout), text(stderr)],
  };
}

function text(stream: PassThrough): string {
  return String((stream.read() as Buffer | null) ?? '');
}

test('stdout has the result, stderr the rest; --quiet silences only info', () => {
  const { all, read } = streams({});
  const terminal = createTerminal(SURROUNDINGS, { ...FLAGS, quiet: true }, all);
  terminal.result('answer');
  terminal.info('progress');
  terminal.error('trouble');
  assert.deepEqual(read(), ['answer\n', 'trouble\n']);
});

test('each stream gets colours by its own nature; FORCE_COLOR, NO_COLOR and --no-color overrule', () => {
  const red = `${paint.red('x')}\n`;
  const shown = (
    tty: object,
    colour: 'auto' | 'always' | 'never',
    noColour = false,
    isDumbTerminal = false,
  ) => {
    const { all, read } = streams(tty);
    const terminal = createTerminal({ ...SURROUNDINGS, colour, isDumbTerminal }, { ...FLAGS, noColour }, all);
    terminal.result(paint.red('x'));
    terminal.error(paint.red('x'));
    return read();
  };
  assert.deepEqual(shown({ stdout: true }, 'auto'), [red, 'x\n']);
  assert.deepEqual(shown({ stderr: true }, 'auto'), ['x\n', red]);
  assert.deepEqual(shown({}, 'always'), [red, red]);
  assert.deepEqual(shown({ stdout: true, stderr: true }, 'never'), ['x\n', 'x\n']);
  assert.deepEqual(shown({ stdout: true, stderr: true }, 'always', true), ['x\n', 'x\n']);
  assert.deepEqual(shown({ stdout: true, stderr: true }, 'auto', false, true), ['x\n', 'x\n']);
});

test('it redraws only on a real terminal outside CI', () => {
  const isInteractive = (stderr: boolean, more: object = {}) =>
    createTerminal({ ...SURROUNDINGS, ...more }, FLAGS, streams({ stderr }).all).isInteractive;
  assert.equal(isInteractive(true), true);
  assert.equal(isInteractive(false), false);
  assert.equal(isInteractive(true, { isCi: true }), false);
  assert.equal(isInteractive(true, { isDumbTerminal: true }), false);
  const { all, read } = streams({});
  createTerminal(SURROUNDINGS, FLAGS, all).draw('bar');
  assert.deepEqual(read(), ['', '']);
});

test('a question nobody can answer is a usage error that names the flag', async () => {
  for (const [tty, noInput] of [
    [{ stderr: true }, false],
    [{ stdin: true }, false],
    [{ stdin: true, stderr: true }, true],
  ] as const) {
    const terminal = createTerminal(SURROUNDINGS, { ...FLAGS, noInput }, streams(tty).all);
    await assert.rejects(terminal.confirm('Load this?', '--yes'), (error) => {
      assert.ok(error instanceof SbwError);
      return error.kind === 'usage' && error.code === 'ANSWER_MISSING' && /--yes/.test(error.fix ?? '');
    });
  }
});

test('questions go to stderr and the silent answer is no', async () => {
  for (const [typed, expected] of [
    ['\n', false],
    ['y\n', true],
    ['n\n', false],
  ] as const) {
    const { all, stdin, read } = streams({ stdin: true, stderr: true });
    const answer = createTerminal(SURROUNDINGS, FLAGS, all).confirm('Load this?', '--yes');
    setTimeout(() => stdin.write(typed), 300);
    assert.equal(await answer, expected);
    const [stdout, stderr] = read();
    assert.equal(stdout, '');
    assert.match(stderr ?? '', /Load this\?/);
  }
});

test('Ctrl-C at a question is a cancellation', async () => {
  const { all, stdin } = streams({ stdin: true, stderr: true });
  const answer = createTerminal(SURROUNDINGS, FLAGS, all).confirm('Load this?', '--yes');
  setTimeout(() => stdin.write('\u0003'), 300);
  await assert.rejects(answer, (error) => error instanceof SbwError && error.kind === 'cancelled');
});
