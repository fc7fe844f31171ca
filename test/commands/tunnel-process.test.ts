import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KEYS, REGION, startFakeSsm, type FakeSsm } from '../fakes/ssm/fake-ssm.ts';

/** The shipped program as a process of its own. The machine is one outside EC2: only Systems Manager knows it. */
const MACHINE = 'mi-0123456789abcdef0';
/** Two are promised; a busy machine takes longer. */
const QUICK_MS = 6000;

interface Run {
  readonly child: ChildProcess;
  readonly output: { text: string };
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Where the tunnel listens. */
  url(): Promise<string>;
}

async function openService(t: TestContext): Promise<FakeSsm> {
  const page = createServer((_request, response) => {
    // Never ends: a download that goes on when the signal comes.
    response.writeHead(200).write('page');
  });
  await new Promise<void>((ready) => page.listen(0, '127.0.0.1', ready));
  const ssm = await startFakeSsm({ targetPort: (page.address() as AddressInfo).port });
  t.after(async () => {
    await ssm.close();
    page.closeAllConnections();
    page.close();
  });
  return ssm;
}

function start(t: TestContext, ssm: FakeSsm, argv: readonly string[], path = ''): Run {
  const all = ['tunnel', 'shiny', '--instance', MACHINE, ...argv];
  const child = spawn(process.execPath, [resolve('bin/sbw.js'), ...all], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      PATH: `${path}${process.env['PATH'] ?? ''}`,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: ssm.endpointUrl,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_SESSION_TOKEN: KEYS.sessionToken,
    },
  });
  // With all that it has started, should it have failed to end them.
  t.after(() => endGroup(child.pid!));
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const url = async (): Promise<string> => {
    for (let waited = 0; ; waited += 20) {
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output.text);
      if (found !== null) return found[0];
      assert.ok(waited < 20_000 && child.exitCode === null, output.text);
      await sleep(20);
    }
  };
  return { child, output, ended, url };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left, as it should be.
  }
}

const children = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} in the middle of a download: exit 0, no session, no process, the port is free`, async (t) => {
    const ssm = await openService(t);
    const { child, ended, output, url } = start(t, ssm, []);
    const address = await url();
    const response = await fetch(address);
    assert.equal(response.status, 200);
    const asked = readFileSync(`/proc/${child.pid!}/cmdline`, 'utf8');
    const startedAt = Date.now();
    child.kill(signal);
    assert.equal(await ended, 0, output.text);
    assert.ok(Date.now() - startedAt < QUICK_MS, `${Date.now() - startedAt} ms`);
    await response.text().catch(() => undefined);
    assert.deepEqual([ssm.active, ssm.violations], [[], []]);
    assert.equal(ssm.calls.filter(({ operation }) => operation === 'TerminateSession').length, 1);
    await assert.rejects(fetch(address));
    for (const { tokens } of ssm.sessions) {
      assert.ok(tokens.length > 0);
      for (const token of tokens) assert.ok(!output.text.includes(token) && !asked.includes(token));
    }
    assert.ok(!output.text.includes(KEYS.secretAccessKey));
  });
}

test('a command runs with the tunnel up, and ends with it', async (t) => {
  const ssm = await openService(t);
  const program = 'process.stdout.write(process.env.SBW_TUNNEL_URL ?? "none"); setInterval(() => {}, 1000)';
  const { child, ended, output } = start(t, ssm, ['--', process.execPath, '-e', program]);
  for (let waited = 0; children(child.pid!).length === 0; waited += 20) {
    assert.ok(waited < 20_000, output.text);
    await sleep(20);
  }
  const [orphan] = children(child.pid!);
  child.kill('SIGTERM');
  assert.equal(await ended, 128 + 15, output.text);
  assert.equal(ssm.active.length, 0);
  assert.throws(() => process.kill(Number(orphan), 0), /ESRCH/);
});

/** What AWS's program does with its arguments, as far as sbw has to do with it: it tells, and stays until SIGINT. */
const PLUGIN = `#!${process.execPath}
const [variable, ...rest] = process.argv.slice(2);
const { SessionId, TokenValue, StreamUrl } = JSON.parse(process.env[variable]);
const said = { rest, hasToken: TokenValue.length > 0, isInArguments: process.argv.join().includes(TokenValue), StreamUrl };
require('node:fs').writeFileSync(process.env.PATH.split(':')[0] + '/said.json', JSON.stringify({ ...said, SessionId }));
const { localPortNumber: [port] } = JSON.parse(rest[3]).Parameters;
require('node:http').createServer((_, response) => response.end('page')).listen(Number(port), '127.0.0.1');
process.on('SIGINT', () => process.exit(0));
`;

test("AWS's own plugin can carry the data; the token is not among its arguments", async (t) => {
  const ssm = await openService(t);
  const folder = mkdtempSync(join(tmpdir(), 'sbw-plugin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'session-manager-plugin');
  writeFileSync(file, PLUGIN);
  chmodSync(file, 0o755);
  const { child, ended, output, url } = start(t, ssm, ['--use-plugin'], `${folder}:`);
  const address = await url();
  // As with the real one, the address is known before the port is open.
  const page = async (): Promise<string> => (await fetch(address)).text();
  const patience = Date.now() + 10_000;
  while ((await page().catch(() => '')) !== 'page') assert.ok(Date.now() < patience, output.text);
  child.kill('SIGINT');
  assert.equal(await ended, 0, output.text);
  const said = JSON.parse(readFileSync(join(folder, 'said.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([said['hasToken'], said['isInArguments']], [true, false]);
  assert.deepEqual((said['rest'] as string[]).slice(0, 3), [REGION, 'StartSession', '']);
  assert.equal(ssm.active.length, 0);
});

test('without the plugin --use-plugin says that it is not needed', async (t) => {
  const ssm = await openService(t);
  const { ended, output } = start(t, ssm, ['--use-plugin']);
  assert.equal(await ended, 3);
  assert.match(output.text, /PLUGIN_MISSING[^]*sbw needs no plugin/);
  assert.equal(ssm.active.length, 0);
});
