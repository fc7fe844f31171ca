import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHostBundle } from '../../../src/adapters/aws/deploy/host-bundle.ts';
import type { Call } from '../../fakes/aws/fake-aws.ts';
import { settingsFor } from '../teardown/stand.ts';
import { explain, hurriedClock, isGood, runDeploy } from './run.ts';
import { type Stand, type StandOptions, openStand } from './stand.ts';

/** Calls that change something are told apart by what they act on, looks only by their action. */
const LOOKS = /:(?:Describe|Get|List|Head|BatchGet|Simulate)/;

function nameOf({ world }: Stand['aws'], { action, input }: Call): string {
  if (LOOKS.test(action)) return action;
  const stackOf = (changeSet: unknown): string | undefined =>
    [...world.stacks.values()].find(({ changeSets }) => changeSets.has(String(changeSet)))?.name;
  const { commands = [] } = (input['Parameters'] ?? {}) as { commands?: string[] };
  const on = [
    stackOf(input['ChangeSetName']),
    ...['StackName', 'Name', 'Key', 'FunctionName', 'projectName'].map((name) => input[name]),
    ...commands,
  ].find((name) => typeof name === 'string' && name !== '') as string | undefined;
  // Each test has an event of its own.
  return `${action} ${(on ?? '').replaceAll(/sbw-smoke-id-\d+|^events.*/g, 'event')}`;
}

/** With CodeBuild in it, and a clock in a hurry. */
async function openWholeStand(options: StandOptions = {}): Promise<Stand> {
  const stand = await openStand(options);
  const bundle = openHostBundle({ ...settingsFor(stand.aws), maxAttempts: 6 }, 5);
  const assets = `clickstream-s3-sbw-${stand.aws.accountId}-${stand.aws.region}`;
  stand.aws.onBuild(() => {
    const bucket = stand.aws.world.buckets.get(assets)!;
    const source = bucket.keys().find((key) => /bundle-source-\w+\.zip$/.test(key))!;
    const body = JSON.stringify({ key: `host/bundle-${'a'.repeat(64)}.tar`, sha256: 'a'.repeat(64) });
    return {
      ...{ minutes: 0.001, status: 'SUCCEEDED', log: [] },
      objects: [{ bucketName: assets, key: `${source}.bundle.json`, body }],
    };
  });
  const clock = hurriedClock(stand.aws, 8);
  return { ...stand, ports: { ...stand.ports, hostBundle: bundle }, clock };
}

/** How many there are of each type, in the account and in its stacks. */
function census({ aws }: Stand): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of aws.residue()) counts[type] = (counts[type] ?? 0) + 1;
  for (const { name, status } of aws.world.stacks.values()) {
    if (status !== 'DELETE_COMPLETE') counts[`${name} ${status}`] = (counts[`${name} ${status}`] ?? 0) + 1;
  }
  // A test that was killed leaves its event, marked as such, in the raw bucket.
  const assets = [...aws.world.buckets.values()].flatMap((bucket) => bucket.keys());
  counts['assets'] = assets.filter((key) => !key.startsWith('events/')).length;
  return counts;
}

/** Lets the process die at a call: that call is cut, and nothing of the process is heard any more. */
function dieAt(stand: Stand, seen: ReadonlySet<string>, cut: 'reset' | 'lost-answer'): () => string | null {
  let last: string | null = null;
  const takeBack = stand.aws.onCall((call) => {
    if (last !== null) return 'reset';
    const name = `${nameOf(stand.aws, call)} ${cut}`;
    if (seen.has(name)) return undefined;
    last = name;
    return cut;
  });
  return () => {
    takeBack();
    return last;
  };
}

const SECRETS = ['dwh/etl-password', 'dwh/ca-key', 'dwh/ca-certificate', 'webdb/password'];

test('killed before and after every call, the next deploy ends well and nothing is doubled', async (t) => {
  const [stand, model] = [await openWholeStand({ patienceMs: 10_000 }), await openWholeStand()];
  t.after(() => Promise.all([stand.close(), model.close()]));
  const whole = await runDeploy(model);
  assert.ok(isGood(whole), explain(whole));
  const seen = new Set<string>();
  const secrets = new Map<string, string>();
  for (let round = 0; ; round += 1) {
    assert.ok(round < 400, [...seen].join(', '));
    const cut = round % 2 === 0 ? 'reset' : 'lost-answer';
    const whereItDied = dieAt(stand, seen, cut);
    const report = await runDeploy(stand).catch((error: unknown) => error as Error);
    const died = whereItDied();
    for (const name of SECRETS) {
      const value = await stand.ports.parameters.read(`/sbw/dev/${name}`);
      if (value === null) continue;
      assert.equal(value, secrets.get(name) ?? value, `${name} was made again`);
      secrets.set(name, value);
    }
    if (died === null) {
      // The other edge of what is left may still be new.
      if (cut === 'reset') continue;
      if (report instanceof Error) throw report;
      assert.ok(isGood(report), explain(report));
      break;
    }
    seen.add(died);
  }
  assert.ok(seen.size > 80, `only ${seen.size} places to die at`);
  assert.deepEqual(census(stand), census(model));
});

test('a connection that breaks at any call, before or after it was done, changes nothing', async (t) => {
  const stand = await openWholeStand();
  t.after(() => stand.close());
  const seen = new Map<string, number>();
  stand.aws.onCall((call) => {
    const name = nameOf(stand.aws, call);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    // First the answer is lost, and the try after the next finds the door shut.
    return times === 1 ? 'lost-answer' : times === 3 ? 'reset' : undefined;
  });
  const report = await runDeploy(stand);
  assert.ok(seen.size > 40, `only ${seen.size} calls`);
  assert.ok(isGood(report), explain(report));
});

/** Few: the SDK slows a client that was throttled down, for seconds. */
const THROTTLED = new Set(['cloudformation:CreateChangeSet', 'lambda:Invoke']);

test('each call refused once, by a service that is away or throttles, changes nothing', async (t) => {
  const stand = await openWholeStand();
  t.after(() => stand.close());
  const seen = new Set<string>();
  stand.aws.onCall(({ action }) => {
    if (seen.has(action)) return;
    seen.add(action);
    stand.aws.fail({ action, error: THROTTLED.has(action) ? 'throttled' : 'unavailable' });
  });
  const report = await runDeploy(stand);
  assert.ok(seen.size > 25, `only ${seen.size} actions`);
  assert.ok(
    [...THROTTLED].every((action) => seen.has(action)),
    [...seen].join(' '),
  );
  assert.ok(isGood(report), explain(report));
});
