import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { homeAt } from '../../src/local/home.ts';
import { isAlive, waitUntil } from '../../src/local/machine/process.ts';
import { findLocalPlatform, type LocalPlatform } from '../../src/local/platform.ts';
import { stopPlatform } from '../../src/local/stop.ts';
import { fakeContext, runSbw, type FakeContext } from '../support/context.ts';

const cwd = await mkdtemp(join(tmpdir(), 'sbw-test-demo-'));
await chmod(cwd, 0o755);
const home = homeAt(join(cwd, '.sbw', 'demo'));
const DEMO = ['local', 'demo', '--days', '1', '--events-per-day', '600', '--bad', '10%'];
after(async () => {
  await stopPlatform(home, { wipe: true }, { say: () => undefined });
  await rm(cwd, { recursive: true, force: true, maxRetries: 5 });
});

const newContext = (): FakeContext => fakeContext({ cwd, env: { PATH: process.env['PATH'] ?? '' } });
const leftovers = (): Promise<string[]> => readdir(join(cwd, '.sbw'));

async function requireKept(): Promise<LocalPlatform> {
  const platform = await findLocalPlatform({ cwd, localHome: home.directory });
  assert.ok(platform !== null);
  return platform;
}

test('the demo accounts for every event, prints one object with --json, and leaves nothing', async () => {
  const { code, stdout, stderr } = await runSbw(newContext(), ...DEMO, '--json');
  assert.equal(code, 0, stderr);
  const demo = JSON.parse(stdout);
  assert.equal(demo.schema, 'sbw.local-demo/1');
  assert.deepEqual([demo.balanced, demo.reconciled], [true, true]);
  const { rows, duplicates, quarantined, refused } = demo.expected;
  assert.equal(demo.sent, rows + duplicates + quarantined + refused);
  assert.equal(demo.report.totals.events, rows);
  assert.equal(demo.events.read, rows + duplicates + quarantined);
  assert.ok(quarantined > 0 && refused > 0);
  assert.equal(demo.report.funnel.length, 5);
  assert.match(stderr, /1\/4[^]*ingest {5}http:\/\/127\.0\.0\.1:\d+\/clickstream[^]*2\/4[^]*3\/4[^]*4\/4/);
  assert.deepEqual(await leftovers(), []);
});

test('a kept demo stays, is not counted into the next one, and is cleared away when it has died', async () => {
  const kept = await runSbw(newContext(), ...DEMO, '--keep');
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(kept.stdout, /balanced[^]*sent = [^]*as sent[^]*SBW_LOCAL_HOME=\.sbw\/demo/);
  const platform = await requireKept();
  // Made up as they are, these visitors are people: the report is of them.
  const env = { PATH: process.env['PATH'] ?? '', SBW_LOCAL_HOME: home.directory };
  const [from, to] = [2, 0].map((ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10));
  const days = ['--from', from!, '--to', to!];
  const report = await runSbw(fakeContext({ cwd, env }), 'report', '--json', ...days);
  assert.equal(report.code, 0, report.stderr);
  assert.ok(JSON.parse(report.stdout).now.visitors > 0, report.stdout);
  const again = await runSbw(newContext(), ...DEMO);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /DEMO_IS_KEPT[^]*SBW_LOCAL_HOME=\.sbw\/demo sbw local down --wipe/);
  assert.deepEqual(await requireKept(), platform);

  const { pid } = platform.state.service ?? assert.fail('it has no service');
  process.kill(pid, 'SIGKILL');
  await waitUntil(async () => !isAlive(pid), 5000);
  const fresh = await runSbw(newContext(), ...DEMO);
  assert.equal(fresh.code, 0, fresh.stderr);
  assert.match(fresh.stdout, /as sent/);
  assert.deepEqual(await leftovers(), []);
});

for (const [stage, signal, code] of [
  ['1/4', 'SIGINT', 130],
  ['2/4', 'SIGTERM', 143],
  ['3/4', 'SIGINT', 130],
] as const) {
  test(`${signal} at stage ${stage} removes everything and claims nothing, also with --keep`, async () => {
    const ctx = newContext();
    const { info } = ctx.terminal;
    const watching = {
      ...ctx,
      terminal: {
        ...ctx.terminal,
        info: (text: string) => {
          info(text);
          if (text.startsWith(stage)) ctx.signal(signal);
        },
      },
    };
    const result = await runSbw(watching, ...DEMO, '--keep');
    assert.equal(result.code, code, result.stderr);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /CANCELLED/);
    assert.equal(existsSync(home.directory), false);
    assert.deepEqual(await leftovers(), []);
  });
}
