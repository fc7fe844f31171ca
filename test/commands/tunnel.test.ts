import assert from 'node:assert/strict';
import { readFileSync, existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { openTunnelWorld } from '../../src/adapters/tunnel/world.ts';
import { registerTunnel } from '../../src/commands/tunnel.ts';
import type { TunnelOptions } from '../../src/commands/tunnel.ts';
import { readConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { SbwError } from '../../src/errors.ts';
import type { PathFacts } from '../../src/tunnel/diagnosis/facts.ts';
import type { Instance } from '../../src/tunnel/target/find-instance.ts';
import type { TunnelWorld } from '../../src/tunnel/world.ts';
import { INSTANCE, KEYS, REGION, startFakeSsm } from '../fakes/ssm/fake-ssm.ts';
import type { FakeSsm } from '../fakes/ssm/fake-ssm.ts';
import { fakeContext } from '../support/context.ts';
import type { FakeContext } from '../support/context.ts';
import { serve } from '../fakes/ssm/stand.ts';

process.env['AWS_ACCESS_KEY_ID'] = KEYS.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = KEYS.secretAccessKey;
process.env['AWS_SESSION_TOKEN'] = KEYS.sessionToken;

const SERVER: Instance = {
  id: INSTANCE,
  name: 'SBW_EC2_ShinyDWH',
  state: 'running',
  privateIp: '10.0.128.10',
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  securityGroupIds: ['sg-instance'],
  profileArn: 'arn:aws:iam::1:instance-profile/p',
};

const HEALTHY: PathFacts = {
  instance: SERVER,
  agent: { ping: 'Online', version: '3.3.987.0', lastPingAt: null },
  policies: ['AmazonSSMManagedInstanceCore'],
  endpoints: null,
  hasDefaultRoute: true,
};

interface Desk {
  readonly ssm: FakeSsm;
  readonly ctx: FakeContext;
  /** What was asked of the directory. */
  readonly lookups: unknown[];
  readonly browsed: string[];
  /** Starts `sbw tunnel <argv>`; resolves with its exit code. */
  run(...argv: string[]): Promise<number>;
  /** The first line on stderr or stdout that matches. */
  line(pattern: RegExp): Promise<string>;
  world: Partial<TunnelWorld>;
  /** So many seconds pass in one. */
  hurry: number;
}

/** A dashboard, the fake service in front of it, and the command in front of that. */
async function desk(t: TestContext, status = 200): Promise<Desk> {
  const dashboard = createServer((request, response) => {
    response.writeHead(status).end(`page ${request.url}`);
  });
  await new Promise<void>((resolve) => dashboard.listen(0, '127.0.0.1', resolve));
  const ssm = await startFakeSsm({ targetPort: (dashboard.address() as AddressInfo).port });
  t.after(async () => {
    await ssm.close();
    dashboard.closeAllConnections();
    dashboard.close();
  });
  const ctx = fakeContext();
  const [lookups, browsed]: [unknown[], string[]] = [[], []];
  const one: Desk = {
    ssm,
    ctx,
    lookups,
    browsed,
    world: {},
    hurry: 1,
    run: async (...argv) => {
      const exit = { code: -1 };
      const program = new Command('sbw').exitOverride();
      registerTunnel(program, contextOf(one), exit);
      await program.parseAsync(['tunnel', ...argv], { from: 'user' });
      return exit.code;
    },
    line: (pattern) => waitForLine(ctx, pattern),
  };
  return one;
}

function contextOf({ ctx, ssm, lookups, browsed, world, hurry }: Desk): Context {
  const config = readConfig({ ...process.env, AWS_REGION: REGION, AWS_ENDPOINT_URL: ssm.endpointUrl });
  return {
    ...ctx,
    openTunnelWorld: async () => {
      const real = openTunnelWorld(config);
      const { clock } = real.connections;
      return {
        ...real,
        connections: {
          ...real.connections,
          clock: {
            wallMs: () => clock.wallMs(),
            nowMs: () => clock.nowMs() * hurry,
            after: (ms, run) => clock.after(ms / hurry, run),
          },
        },
        directory: {
          outputsOf: async (stack) => {
            lookups.push(stack);
            return { InstanceId: INSTANCE };
          },
          instancesWith: async () => [],
          findInstance: async (id) => (id === INSTANCE ? SERVER : null),
        },
        inspector: { inspect: async () => HEALTHY },
        programs: { ...real.programs, openBrowser: async (url) => void browsed.push(url) },
        ...world,
      };
    },
  };
}

async function waitForLine({ stdout, stderr }: FakeContext, pattern: RegExp): Promise<string> {
  for (let times = 0; times < 1000; times += 1) {
    const found = [...stdout, ...stderr].find((line) => pattern.test(line));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no ${pattern} in ${[...stdout, ...stderr].join('\n')}`);
}

const failsWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof SbwError, String(error));
  assert.equal(error.code, code);
  return true;
};

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const { port, close } = await serve(() => undefined);
  await close();
  return port;
}

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
  await assert.rejects(one.run('shiny', '--port', port), failsWith('PORT_TAKEN'));
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

test('what fails behind the tunnel is said, and nothing is left', async (t) => {
  const failing = await desk(t, 500);
  await assert.rejects(failing.run('shiny'), failsWith('TUNNEL_APP_FAILING'));
  assert.equal(failing.ssm.active.length, 0);
  const one = await desk(t);
  await assert.rejects(one.run('dwh'), failsWith('TUNNEL_NOT_POSTGRES'));
  assert.equal(one.ssm.active.length, 0);
  one.hurry = 50;
  one.world = { probe: { http: () => Promise.reject(new Error('reset')), postgres: () => assert.fail() } };
  await assert.rejects(one.run('shiny'), failsWith('TUNNEL_NO_ANSWER'));
  assert.equal(one.ssm.active.length, 0);
});

test('an agent that is not connected: the path is walked and the first broken link named', async (t) => {
  const one = await desk(t);
  one.ssm.always.set('StartSession', { status: 400, name: 'TargetNotConnected' });
  const endpoint = { state: 'available', hasPrivateDns: true, securityGroupIds: ['sg-endpoint'] };
  const rule = { protocol: 'tcp', fromPort: 443, toPort: 443, cidrs: ['10.0.0.0/20'], securityGroupIds: [] };
  one.world = {
    inspector: {
      inspect: async () => ({
        ...HEALTHY,
        hasDefaultRoute: false,
        agent: 'unregistered',
        endpoints: [
          { ...endpoint, service: 'ssm', ingress: [{ ...rule, cidrs: ['10.0.0.0/16'] }] },
          { ...endpoint, service: 'ssmmessages', ingress: [rule] },
        ],
      }),
    },
  };
  await assert.rejects(one.run('shiny'), (error: SbwError) => {
    assert.equal(error.code, 'TUNNEL_NOT_CONNECTED');
    assert.match(
      error.message,
      /endpoint ssmmessages: its security group lets 10\.0\.0\.0\/20 in on 443, and the instance is 10\.0\.128\.10/,
    );
    assert.match(error.fix ?? '', /--group-id sg-endpoint .*--source-group sg-instance/);
    return true;
  });
  assert.match(one.ctx.stderr.join('\n'), /ok {2}endpoint ssm: reachable\n {2}NO {2}endpoint ssmmessages/);
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

test('what cannot be meant is refused before anything is done', async (t) => {
  const one = await desk(t);
  const wrong: [string, ...string[]][] = [
    ['TUNNEL_TARGET_UNKNOWN', 'shinny'],
    ['TUNNEL_FLAGS_INVALID'],
    ['TUNNEL_FLAGS_INVALID', '--instance', INSTANCE],
    ['TUNNEL_FLAGS_INVALID', 'shiny', 'dwh', '--port', '3838'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--json', '--', 'true'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--bind', 'localhost'],
    [
      'TUNNEL_FLAGS_INVALID',
      '--instance',
      INSTANCE,
      '--port',
      '1',
      '--document',
      'Mine',
      '--parameter',
      '=x',
    ],
    ['BIND_EXPOSES', 'shiny', '--bind', '0.0.0.0'],
    ['INSTANCE_ID_INVALID', '--instance', 'i-1; rm -rf', '--port', '80'],
    ['TUNNEL_TARGET_NOT_FOUND', '--instance', 'i-0000000000000000f', '--port', '80'],
    ['TUNNEL_HOST_INVALID', 'shiny', '--remote-host', '-oProxyCommand=x'],
    ['STAGE_INVALID', 'shiny', '--stage', '../x'],
  ];
  for (const [code, ...argv] of wrong)
    await assert.rejects(one.run(...argv), failsWith(code), argv.join(' '));
  assert.deepEqual(one.ssm.calls, []);
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
