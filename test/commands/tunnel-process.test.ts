import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KEYS, REGION, startFakeSsm, type FakeSsm } from '../fakes/ssm/fake-ssm.ts';
import { freePort } from '../fakes/ssm/stand.ts';

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

/** A zombie is not: whoever adopts it sees to that. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
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

test('Session Manager does not answer: Ctrl-C ends it all the same, and a session that may be left is told of', async (t) => {
  const ssm = await openService(t);
  ssm.mute.add('StartSession');
  const waiting = start(t, ssm, []);
  while (ssm.calls.length === 0) await sleep(20);
  const startedAt = Date.now();
  waiting.child.kill('SIGINT');
  assert.equal(await waiting.ended, 130, waiting.output.text);
  ssm.mute.clear();
  ssm.mute.add('TerminateSession');
  const open = start(t, ssm, []);
  await open.url();
  open.child.kill('SIGINT');
  assert.equal(await open.ended, 0, open.output.text);
  assert.ok(Date.now() - startedAt < 2 * QUICK_MS, `${Date.now() - startedAt} ms`);
  assert.match(open.output.text, /may stay open[^]*aws ssm terminate-session --session-id user@example/);
});

test('killed without a chance to say goodbye: the port is free, and the command is ended too', async (t) => {
  const ssm = await openService(t);
  const program = `console.log('pid ' + process.pid, process.env.SBW_TUNNEL_URL); setInterval(() => {}, 1000)`;
  const { child, output } = start(t, ssm, ['--', process.execPath, '-e', program]);
  const said = async (): Promise<[number, string]> => {
    for (let waited = 0; ; waited += 20) {
      const found = /pid (\d+) (\S+)/.exec(output.text);
      if (found !== null) return [Number(found[1]), found[2]!];
      assert.ok(waited < 20_000, output.text);
      await sleep(20);
    }
  };
  const [command, address] = await said();
  const others = children(child.pid!).map(Number);
  assert.ok(others.includes(command));
  child.kill('SIGKILL');
  for (const pid of others) {
    for (let waited = 0; isAlive(pid); waited += 20) {
      assert.ok(waited < QUICK_MS, `${pid} is still there`);
      await sleep(20);
    }
  }
  await assert.rejects(fetch(address));
});

test('--open shows the page with the program that the desktop has for it; --bind takes another address', async (t) => {
  const ssm = await openService(t);
  const folder = mkdtempSync(join(tmpdir(), 'sbw-open-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf %s "$1" > ${folder}/shown\n`, { mode: 0o755 });
  }
  const { child, ended, output } = start(t, ssm, ['--open', '--bind', '::1', '--no-proof'], `${folder}:`);
  const shown = (): string =>
    existsSync(join(folder, 'shown')) ? readFileSync(join(folder, 'shown'), 'utf8') : '';
  for (let waited = 0; shown() === ''; waited += 20) {
    assert.ok(waited < 20_000, output.text);
    await sleep(20);
  }
  assert.match(shown(), /^http:\/\/\[::1\]:\d+\/sbw_dashboard\/$/);
  assert.equal((await fetch(shown())).status, 200);
  await assert.rejects(fetch(shown().replace('[::1]', '127.0.0.1')));
  child.kill('SIGTERM');
  assert.equal(await ended, 0, output.text);
});

test('a command runs with the tunnel up, and ends with it', async (t) => {
  const ssm = await openService(t);
  const program = 'process.stdout.write(process.env.SBW_TUNNEL_URL ?? "none"); setInterval(() => {}, 1000)';
  const { child, ended, output } = start(t, ssm, ['--', process.execPath, '-e', program]);
  // The command, and the shell that watches over it.
  for (let waited = 0; children(child.pid!).length < 2 || !output.text.includes('http'); waited += 20) {
    assert.ok(waited < 20_000, output.text);
    await sleep(20);
  }
  const both = children(child.pid!).map(Number);
  child.kill('SIGTERM');
  assert.equal(await ended, 128 + 15, output.text);
  assert.equal(ssm.active.length, 0);
  await sleep(100);
  for (const pid of both) assert.equal(isAlive(pid), false);
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
  // Other tests have the usual one now and then, and a plugin takes its port only after it was found free.
  const port = ['--port', String(await freePort())];
  const { child, ended, output, url } = start(t, ssm, ['--use-plugin', ...port], `${folder}:`);
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
