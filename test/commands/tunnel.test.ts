import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { registerTunnel } from '../../src/commands/tunnel.ts';
import type { TunnelOptions } from '../../src/commands/tunnel.ts';
import type { SbwError } from '../../src/errors.ts';
import { INSTANCE } from '../fakes/ssm/fake-ssm.ts';
import { freePort, serve } from '../fakes/ssm/stand.ts';
import { fakeContext } from '../support/context.ts';
import { desk, failsWith } from '../tunnel/desk.ts';

test('shiny: found by its stack, proven before it is said to be ready, closed by Ctrl-C with exit 0', async (t) => {
  const one = await desk(t);
  const port = await freePort();
  const running = one.run('shiny', '--port', String(port), '--stage', 'prod', '--open');
  const url = `http://127.0.0.1:${port}/sbw_dashboard/`;
  assert.equal(await one.line(/^http/), url);
  assert.equal(await (await fetch(url)).text(), 'page /sbw_dashboard/');
  assert.deepEqual([one.lookups, one.browsed], [['sbw-prod-warehouse'], [url]]);
  one.ctx.signal('SIGINT');
  assert.equal(await running, 0);
  assert.deepEqual([one.ssm.active, one.ssm.violations], [[], []]);
  assert.match(
    one.ctx.stderr.join('\n'),
    /shiny {3}SBW_EC2_ShinyDWH i-0123456789abcdef0 \(running, agent 3\.3\.987\.0\)/,
  );
  assert.match(one.ctx.stderr.at(-1) ?? '', new RegExp(`closed: session ended, port ${port} free`));
  await assert.rejects(fetch(url));
  const [start] = one.ssm.calls;
  assert.deepEqual(start?.body, {
    Target: INSTANCE,
    DocumentName: 'AWS-StartPortForwardingSession',
    Parameters: { portNumber: ['3838'], localPortNumber: ['0'] },
    Reason: 'sbw tunnel shiny',
  });
});

test('several targets at once, each with its port; the events as JSON lines', async (t) => {
  const one = await desk(t);
  const running = one.run('shiny', 'webdb', '--no-proof', '--json');
  const ready = (): Record<string, unknown>[] =>
    one.ctx.stdout
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'ready');
  while (ready().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(one.lookups, ['sbw-dev-warehouse', 'sbw-dev-web-db']);
  assert.deepEqual(
    ready().map(({ target }) => target),
    ['shiny', 'webdb'],
  );
  assert.equal(new Set(ready().map(({ port }) => port)).size, 2);
  one.ctx.signal('SIGTERM');
  assert.equal(await running, 0);
  const events = one.ctx.stdout.map((line) => (JSON.parse(line) as { event: string }).event);
  assert.deepEqual(
    events.filter((event) => event !== 'port_taken'),
    [...['session_opened', 'ready', 'session_opened', 'ready', 'closed', 'closed']],
  );
  assert.equal(one.ssm.active.length, 0);
});

test('a port that is taken: the next free one, and whose it is; named with --port it is that one or none', async (t) => {
  const one = await desk(t);
  const taken = await serve(() => undefined);
  t.after(() => taken.close());
  const port = String(taken.port);
  await assert.rejects(one.run('shiny', '--port', port), (error: SbwError) => {
    assert.equal(error.code, 'PORT_TAKEN');
    assert.match(error.message, new RegExp(`\\(pid ${process.pid}\\) listens on 127\\.0\\.0\\.1:${port}`));
    return true;
  });
  assert.equal(one.ssm.sessions.length, 0);
  const running = one.run('--instance', INSTANCE, '--remote-port', port);
  assert.match(
    await one.line(/is used by/),
    new RegExp(`port ${port} is used by .*\\(pid ${process.pid}\\)`),
  );
  await one.line(/^127\.0\.0\.1:\d+$/);
  one.ctx.signal('SIGINT');
  assert.equal(await running, 0);
});

test('the ready file is there while the tunnel is', async (t) => {
  const one = await desk(t);
  const file = join(mkdtempSync(join(tmpdir(), 'sbw-')), 'ready.json');
  const running = one.run('shiny', '--ready-file', file, '--port', String(await freePort()));
  await one.line(/^http/);
  const ready = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; tunnels: { url: string }[] };
  assert.equal(ready.pid, process.pid);
  assert.match(ready.tunnels[0]!.url, /sbw_dashboard/);
  one.ctx.signal('SIGINT');
  await running;
  assert.equal(existsSync(file), false);
});

test('a command runs with the tunnel up and has the last word; its own flags are its own', async (t) => {
  const one = await desk(t);
  const script = `fetch(process.env.SBW_TUNNEL_URL).then((r) => process.exit(process.argv[1] === '--port' && r.ok ? 7 : 1))`;
  const node = [process.execPath, '-e', script];
  assert.equal(await one.run('shiny', '--', ...node, '--', '--port'), 7);
  assert.deepEqual([one.ssm.active.length, one.ctx.stdout], [0, []]);
  await assert.rejects(one.run('shiny', '--', '/nonexistent'), failsWith('COMMAND_NOT_STARTED'));
  assert.equal(one.ssm.active.length, 0);
});

test('to another host, with a document of its own, spread over sessions: as asked', async (t) => {
  const one = await desk(t);
  const asked = ['--remote-host', 'db.internal', '--remote-port', '6432', '--no-proof', '--sessions', '3'];
  const running = one.run('webdb', ...asked);
  const url = await one.line(/^postgres:\/\//);
  assert.match(url, /^postgres:\/\/127\.0\.0\.1:\d+\//);
  while (one.ssm.active.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    one.ssm.calls.slice(0, 3).map(({ body }) => [body['DocumentName'], body['Parameters']]),
    Array(3).fill([
      'AWS-StartPortForwardingSessionToRemoteHost',
      { host: ['db.internal'], portNumber: ['6432'], localPortNumber: ['0'] },
    ]),
  );
  one.ctx.signal('SIGHUP');
  assert.equal(await running, 0);
  const two = await desk(t);
  const own = two.run(
    'shiny',
    '--document',
    'Mine',
    '--parameter',
    'portNumber=3838',
    '--no-proof',
    '--open',
  );
  await two.line(/^http/);
  assert.deepEqual(two.ssm.calls.at(-1)?.body['DocumentName'], 'Mine');
  while (two.browsed.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(two.browsed[0]!, /^http.*\/sbw_dashboard\/$/);
  two.ctx.signal('SIGINT');
  assert.equal(await own, 0);
  assert.deepEqual(
    [
      [...one.ssm.active, ...two.ssm.active],
      [...one.ssm.violations, ...two.ssm.violations],
    ],
    [[], []],
  );
});

test('interrupted before it was ready, the exit code says so', async (t) => {
  const one = await desk(t);
  one.ssm.agent = { notReadyMs: 60_000 };
  const running = one.run('shiny');
  while (one.ssm.sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  one.ctx.signal('SIGINT');
  assert.equal(await running, 130);
  assert.equal(one.ssm.active.length, 0);
});

test('arguments before and after -- are told apart, whatever they look like', async () => {
  const seen: TunnelOptions[] = [];
  const parse = async (...argv: string[]): Promise<void> => {
    const program = new Command('sbw').exitOverride();
    registerTunnel(program, fakeContext(), { code: 0 }, async (_ctx, options) => seen.push(options));
    await program.parseAsync(['tunnel', ...argv], { from: 'user' });
  };
  await parse('shiny', '--', 'psql', '-h', 'x', '--', 'y');
  await parse('shiny', '--stage', 'dev', 'dwh', '--', 'psql', '--json');
  await parse('shiny', '--');
  await parse('--sessions', '4', 'shiny');
  assert.deepEqual(
    seen.map(({ targets, command, json, sessions }) => ({ targets, command, json, sessions })),
    [
      { targets: ['shiny'], command: ['psql', '-h', 'x', '--', 'y'], json: undefined, sessions: 1 },
      { targets: ['shiny', 'dwh'], command: ['psql', '--json'], json: undefined, sessions: 1 },
      { targets: ['shiny'], command: [], json: undefined, sessions: 1 },
      { targets: ['shiny'], command: [], json: undefined, sessions: 4 },
    ],
  );
});
