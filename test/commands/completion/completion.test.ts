import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCRIPTS, SHELLS } from '../../../src/commands/completion/scripts.ts';
import { fakeContext, runSbw } from '../../support/context.ts';

test('each shell gets its script, and what is no shell is an error', async () => {
  for (const shell of SHELLS) {
    const { code, stdout } = await runSbw(fakeContext(), 'completion', shell);
    assert.deepEqual([code, `${stdout}\n`], [0, SCRIPTS[shell]]);
  }
  const { code, stderr } = await runSbw(fakeContext(), 'completion', 'tcsh');
  assert.equal(code, 64);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});

test('the shells ask for words with tabs, also for flags of our own, and never get an error', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'sbw-complete-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const ctx = fakeContext({ cwd, env: { HOME: cwd } });
  const complete = (...words: string[]): ReturnType<typeof runSbw> => runSbw(ctx, 'complete', '--', ...words);
  assert.match(
    (await complete('comp')).stdout,
    /^completion\tLet your shell complete commands, flags and stages\.$/,
  );
  assert.match((await complete('--he')).stdout, /^--help\t/);
  writeFileSync(join(cwd, 'sbw.config.yaml'), 'stages: { prod: {} }\n');
  assert.equal((await complete('status', '--stage', 'p')).stdout, 'prod\t');
  writeFileSync(join(cwd, 'sbw.config.yaml'), 'not: [a config');
  assert.deepEqual(await complete('status', '--stage', ''), { code: 0, stdout: '', stderr: '' });
  assert.deepEqual(await complete('zzz'), { code: 0, stdout: '', stderr: '' });
});
