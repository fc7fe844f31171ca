import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { LAYER_NAMES } from '../../../src/stacks/catalog.ts';
import { readDeployed } from '../../../src/stacks/cost/deployed.ts';
import { estimateMonthly, largestLines } from '../../../src/stacks/cost/estimate.ts';
import { findLevers } from '../../../src/stacks/cost/levers.ts';
import { TEMPLATE, runsPerMonth } from '../../../src/stacks/cost/model.ts';
import { PRICES, SERVER_TYPES, priceOfServer } from '../../../src/stacks/cost/prices.ts';
import { compareRequestSizes, costPerMillion } from '../../../src/stacks/cost/unit-cost.ts';
import type { StackDescription } from '../../../src/stacks/ports/cloudformation.ts';
import { readSettings } from '../../../src/stacks/settings.ts';

const DEFAULTS = readSettings();

const usdOf = (settings: Record<string, unknown>, id: string): number | null | undefined =>
  estimateMonthly(readSettings(settings)).lines.find((line) => line.id === id)?.usd;

test('the platform without events is what AWS bills for standing there', () => {
  const { lines, total, isComplete } = estimateMonthly(readSettings({ eventsPerMonth: 0 }));
  const moving = lines.filter(({ usd, growsWithEvents }) => growsWithEvents && usd !== 0);
  assert.deepEqual(
    moving.map(({ id }) => id),
    [],
  );
  // 2 doors 18.98, t3.small 19.27, t3.micro 9.64, address 3.65, 40 GB and 18 GB of disks, little else.
  assert.ok(isComplete);
  assert.ok(Math.abs(total - (18.98 + 19.27 + 9.64 + 3.65 + 58 * 0.096)) < 1, String(total));
});

test('each setting moves its own line', () => {
  assert.equal(usdOf({ ec2Messages: true }, 'doors'), 3 * 730 * 0.013);
  assert.equal(usdOf({ warehouseInstanceType: 't3.medium' }, 'warehouse-server'), 730 * 0.0528);
  assert.equal(usdOf({ warehouseVolumeGb: 100 }, 'warehouse-disks'), 110 * 0.096);
  assert.equal(usdOf({ webDb: false }, 'web-db-server'), undefined);
  assert.equal(usdOf({ webDb: false }, 'web-db-address'), undefined);
  assert.equal(usdOf({ eventsPerMonth: 3_000_000, eventsPerRequest: 3 }, 'puts'), 5);
});

test('a server without a price leaves the estimate incomplete, and never makes it a guess', () => {
  const { lines, isComplete, total } = estimateMonthly(readSettings({ warehouseInstanceType: 'm7i.large' }));
  assert.equal(lines.find(({ id }) => id === 'warehouse-server')?.usd, null);
  assert.ok(!isComplete);
  assert.ok(total > 40 && Number.isFinite(total));
});

test('the total is the sum of the lines, and lines keep to the catalog', () => {
  const estimate = estimateMonthly(DEFAULTS);
  const sum = estimate.lines.reduce((all, { usd }) => all + usd!, 0);
  assert.ok(Math.abs(sum - estimate.total) < 1e-9);
  const order = estimate.lines.map(({ layer }) => LAYER_NAMES.indexOf(layer));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(estimate.lines.map(({ id }) => id)).size, estimate.lines.length);
  assert.deepEqual(
    largestLines(estimate, 3).map(({ id }) => id),
    ['warehouse-server', 'doors', 'web-db-server'],
  );
});

test('only some layers: only their lines', () => {
  const { lines } = estimateMonthly(DEFAULTS, ['network', 'storage']);
  assert.deepEqual(new Set(lines.map(({ layer }) => layer)), new Set(['storage', 'network']));
  assert.equal(estimateMonthly(DEFAULTS, []).total, 0);
});

test('a million events: the PUT is two thirds of it, and ten in a request take nine tenths away', () => {
  const { total, lines } = costPerMillion({ eventsPerRequest: 1 });
  assert.ok(total > 6.5 && total < 8, String(total));
  assert.equal(lines.find(({ id }) => id === 'puts')?.usd, 5);
  const totals = compareRequestSizes().map((size) => size.total);
  assert.deepEqual(
    totals,
    totals.toSorted((a, b) => b - a),
  );
  const ten = compareRequestSizes().find(({ eventsPerRequest }) => eventsPerRequest === 10)!;
  assert.ok(ten.total < total * 0.12, String(ten.total));
  const twice = estimateMonthly({ ...DEFAULTS, eventsPerMonth: 2_000_000 }).total;
  const once = estimateMonthly({ ...DEFAULTS, eventsPerMonth: 1_000_000 }).total;
  assert.ok(Math.abs(twice - once - total) < 0.1, 'the same price inside the estimate');
});

test('a lever saves what it says, and is gone once it was pulled', () => {
  const input = readSettings({ ec2Messages: true, warehouseInstanceType: 't3.large' });
  const levers = findLevers(input);
  assert.deepEqual(
    levers.map(({ id }) => id),
    ['teardown-between', 'smaller-warehouse', 'no-web-db', 'no-ec2messages', 'batch-events'],
  );
  const { total } = estimateMonthly(input);
  const pulled: Record<string, Partial<typeof input>> = {
    'smaller-warehouse': { warehouseInstanceType: 't3.medium' },
    'no-web-db': { webDb: false },
    'no-ec2messages': { ec2Messages: false },
    'batch-events': { eventsPerRequest: 10 },
  };
  for (const [id, change] of Object.entries(pulled)) {
    const { saves, how } = levers.find((lever) => lever.id === id)!;
    assert.ok(Math.abs(total - estimateMonthly({ ...input, ...change }).total - saves) < 1e-9, id);
    const [name, value] = Object.entries(change)[0]!;
    assert.ok(how.includes(`--set ${name}=${String(value)}`), how);
    if (id !== 'smaller-warehouse') {
      assert.ok(!findLevers({ ...input, ...change }).some((lever) => lever.id === id), id);
    }
  }
  assert.ok(!findLevers(DEFAULTS).some(({ id }) => id === 'smaller-warehouse'), 't3.small is the smallest');
});

test('how often the ETL runs', () => {
  const cases = {
    'rate(1 hour)': 730,
    'rate(30 minutes)': 1460,
    'rate(1 day)': 730 / 24,
    'cron(5 * * * ? *)': 730,
  };
  for (const [schedule, runs] of Object.entries(cases))
    assert.ok(Math.abs(runsPerMonth(schedule) - runs) < 1e-9);
});

test('what is deployed is counted by the parameters of its stacks', () => {
  const stack = (status: string, parameters: Record<string, string>): StackDescription => ({
    ...{ name: '', id: '', status, statusReason: '', createdAt: new Date(0), updatedAt: null },
    ...{ parameters, outputs: {}, tags: {}, isTerminationProtected: false },
  });
  const { layers, input } = readDeployed(
    new Map([
      ['storage', stack('CREATE_COMPLETE', {})],
      ['network', stack('UPDATE_COMPLETE', { Ec2Messages: 'true' })],
      ['warehouse', stack('CREATE_COMPLETE', { InstanceType: 't3.large', DataVolumeGb: '55' })],
      ['web-db', stack('DELETE_COMPLETE', {})],
      ['etl', null],
    ]),
    readSettings({ eventsPerMonth: 7 }),
  );
  assert.deepEqual(layers, ['storage', 'network', 'warehouse']);
  const { ec2Messages, warehouseInstanceType, warehouseVolumeGb, webDb, eventsPerMonth } = input;
  assert.deepEqual(
    [ec2Messages, warehouseInstanceType, warehouseVolumeGb, webDb, eventsPerMonth],
    [true, 't3.large', 55, false, 7],
  );
});

test('every price has a month, a source and a unit, and says whether it is confirmed', () => {
  const all = [...Object.values(PRICES), ...SERVER_TYPES.map((type) => priceOfServer(type)!)];
  for (const { usd, unit, seenAt, source } of all) {
    assert.ok(usd > 0 && usd < 1, unit);
    assert.match(seenAt, /^20\d\d-(0[1-9]|1[0-2])$/);
    assert.ok(source.length > 10 && unit.length > 3);
  }
  assert.equal(priceOfServer('toString'), null);
});

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Record<string, never> }>
  >;
}

/** CloudFormation's short functions mean nothing here. */
const readTemplate = (layer: string): Template['Resources'] =>
  (parse(readFileSync(`src/templates/${layer}.yaml`, 'utf8'), { logLevel: 'silent' }) as Template).Resources;

test('what the model takes for granted is what the templates say', () => {
  const systemDisk = (layer: string): unknown =>
    JSON.stringify(readTemplate(layer)['Server']?.Properties['BlockDeviceMappings']).match(
      /"VolumeSize":(\d+)/,
    )?.[1];
  assert.equal(systemDisk('warehouse'), String(TEMPLATE.systemDiskGb.warehouse));
  assert.equal(systemDisk('web-db'), String(TEMPLATE.systemDiskGb['web-db']));
  const memory = (layer: string): number =>
    Number(readTemplate(layer)['Function']?.Properties['MemorySize']) / 1024;
  assert.equal(memory('ingest'), TEMPLATE.ingestMemoryGb);
  assert.equal(memory('etl'), TEMPLATE.etlMemoryGb);
  const alarms = LAYER_NAMES.flatMap((layer) => Object.values(readTemplate(layer))).filter(
    ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
  );
  assert.equal(alarms.length, TEMPLATE.alarms);
  assert.equal(DEFAULTS.ec2Messages, false, "the third door is the operator's choice");
});
