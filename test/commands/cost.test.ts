import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openStand } from '../stacks/teardown/stand.ts';
import { type FakeContext, fakeContext, runSbw } from '../support/context.ts';

function contextIn(
  t: TestContext,
  files: Record<string, string> = {},
  env: Record<string, string> = {},
): FakeContext {
  const cwd = mkdtempSync(join(tmpdir(), 'sbw-cost-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return fakeContext({ cwd, env: { HOME: cwd, ...env } });
}

interface CostJson {
  readonly schema: string;
  readonly basis: string;
  readonly monthly_usd: number;
  readonly complete: boolean;
  readonly lines: readonly { id: string; layer: string; usd: number | null; confirmed: boolean }[];
  readonly levers: readonly { id: string; saves_usd: number }[];
  readonly per_million_events: { usd: number };
}

async function costOf(ctx: FakeContext, ...flags: string[]): Promise<CostJson> {
  const { code, stdout, stderr } = await runSbw(ctx, 'cost', '--json', ...flags);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as CostJson;
}

test('the screen: what, how much, by what counted, per million, and what to do; 80 columns', async (t) => {
  const { code, stdout } = await runSbw(contextIn(t), 'cost');
  assert.equal(code, 0);
  const lines = stdout.split('\n');
  assert.match(lines[0]!, /^Cost of stage dev, as the settings say: about \$\d+\.\d\d a month$/);
  assert.match(stdout, /\nnetwork {4}Systems Manager doors +18\.98 {2}2 x 730 h\n/);
  assert.match(stdout, /\nA million events more: \$7\.\d\d with 1 in a request\.\n/);
  assert.match(stdout, /\nTo pay less:\n {2}-\$\d+\.\d\d {2}Nothing at all while nobody uses it\n/);
  assert.match(stdout, /in return: an event waits in the browser/);
  assert.match(stdout, /\nPrices of 2026-08, ap-southeast-1, on demand: sbw cost --prices\n/);
  const levers = 'ec2Messages=true warehouseInstanceType=t3.large eventsPerMonth=20000000'.split(' ');
  const large = await runSbw(contextIn(t), 'cost', ...levers.flatMap((one) => ['--set', one]));
  assert.match(large.stdout, /one size smaller[\s\S]*No third Systems Manager door/);
  for (const line of [...lines, ...large.stdout.split('\n')]) assert.ok(line.length <= 80, line);
});

test('the config file decides, stage by stage, and flags before it', async (t) => {
  const text =
    'settings: { webDb: false }\nstages: { prod: { settings: { warehouseInstanceType: t3.large } } }\n';
  const ctx = contextIn(t, { 'sbw.config.yaml': text });
  const usd = async (id: string, ...flags: string[]): Promise<number | null | undefined> =>
    (await costOf(ctx, ...flags)).lines.find((line) => line.id === id)?.usd;
  assert.equal(await usd('web-db-server'), undefined);
  assert.equal(await usd('warehouse-server', '--stage', 'prod'), 77.088);
  assert.equal(await usd('warehouse-server'), 19.272);
  assert.equal(
    await usd('warehouse-server', '--stage', 'prod', '--set', 'warehouseInstanceType=t3.medium'),
    38.544,
  );
});

test('the JSON adds up, and says what is not confirmed', async (t) => {
  const { schema, basis, monthly_usd, complete, lines } = await costOf(contextIn(t));
  assert.deepEqual([schema, basis, complete], ['sbw.cost/1', 'settings', true]);
  const sum = lines.reduce((all, { usd }) => all + usd!, 0);
  assert.ok(Math.abs(sum - monthly_usd) < 0.01, `${sum} ${monthly_usd}`);
  assert.deepEqual(
    [lines.find(({ id }) => id === 'doors')?.confirmed, lines.find(({ id }) => id === 'api')?.confirmed],
    [true, false],
  );
});

test('--prices: every price with its month and source, asked of nobody', async (t) => {
  const ctx = contextIn(t, { 'sbw.config.yaml': 'this: is wrong' });
  const { stdout } = await runSbw(ctx, 'cost', '--prices');
  assert.match(stdout, /\n2026-08 {2}AWS Price List API\nvolume +0\.096 {2}GB of gp3 and month\n/);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  const json = JSON.parse((await runSbw(ctx, 'cost', '--prices', '--json')).stdout) as {
    schema: string;
    prices: Record<string, unknown>[];
  };
  assert.equal(json.schema, 'sbw.prices/1');
  assert.ok(json.prices.length > 15);
  for (const price of json.prices) {
    assert.deepEqual(Object.keys(price), ['name', 'usd', 'unit', 'source', 'seen_at', 'confirmed']);
  }
});

test('--deployed: what the stacks are, not what the settings say', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const ctx = contextIn(
    t,
    { 'sbw.config.yaml': 'settings: { warehouseInstanceType: t3.2xlarge, eventsPerMonth: 0 }\n' },
    { AWS_REGION: stand.aws.region, AWS_ENDPOINT_URL: stand.aws.endpointUrl },
  );
  const deployed = await costOf(ctx, '--deployed');
  assert.equal(deployed.basis, 'deployed');
  assert.equal(deployed.lines.find(({ id }) => id === 'warehouse-server')?.usd, 19.272);
  const absent = await costOf(ctx, '--deployed', '--stage', 'test');
  assert.deepEqual([absent.monthly_usd, absent.lines, absent.levers], [0, [], []]);
  writeFileSync(join(ctx.config.cwd, 'sbw.config.yaml'), 'account: "999999999999"\n');
  const wrong = await runSbw(ctx, 'cost', '--deployed');
  assert.deepEqual([wrong.code, wrong.stdout], [3, '']);
  assert.match(wrong.stderr, /AWS_ACCOUNT_WRONG/);
});
