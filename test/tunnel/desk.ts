/** The command `sbw tunnel` in front of the fake service, with a dashboard behind it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { openTunnelWorld } from '../../src/adapters/tunnel/world.ts';
import { registerTunnel } from '../../src/commands/tunnel.ts';
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

process.env['AWS_ACCESS_KEY_ID'] = KEYS.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = KEYS.secretAccessKey;
process.env['AWS_SESSION_TOKEN'] = KEYS.sessionToken;

export const SERVER: Instance = {
  id: INSTANCE,
  accountId: '123456789012',
  name: 'SBW_EC2_ShinyDWH',
  state: 'running',
  privateIp: '10.0.128.10',
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  securityGroupIds: ['sg-instance'],
  profileArn: 'arn:aws:iam::1:instance-profile/p',
};

export const HEALTHY: PathFacts = {
  instance: SERVER,
  agent: { ping: 'Online', version: '3.3.987.0', lastPingAt: null },
  policies: ['AmazonSSMManagedInstanceCore'],
  endpoints: null,
  hasDefaultRoute: true,
};

export interface Desk {
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
export async function desk(t: TestContext, status = 200): Promise<Desk> {
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

export const failsWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof SbwError, String(error));
  assert.equal(error.code, code);
  return true;
};
