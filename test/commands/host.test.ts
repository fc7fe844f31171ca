import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { openHostBundle } from '../../src/adapters/aws/deploy/host-bundle.ts';
import { settingsFor } from '../stacks/teardown/stand.ts';
import { type CommandStand, openCommandStand } from '../support/deploy-commands.ts';

/** What Debian has at the moment; null: the build fails. */
interface Debian {
  packages: string | null;
}

/** The stand with CodeBuild in it. */
async function openWithBuilds(t: TestContext, debian: Debian): Promise<CommandStand> {
  const stand = await openCommandStand(t);
  const { aws } = stand;
  const bundle = openHostBundle(settingsFor(aws), 5);
  t.after(() => bundle.close());
  const assets = `clickstream-s3-sbw-${aws.accountId}-${aws.region}`;
  aws.onBuild(() => {
    if (debian.packages === null) return { minutes: 0.01, status: 'FAILED', log: ['no mirror'], objects: [] };
    const source = aws.world.buckets
      .get(assets)!
      .keys()
      .find((key) => /bundle-source-\w+\.zip$/.test(key))!;
    const sha256 = createHash('sha256').update(debian.packages).digest('hex');
    const key = `${source}.bundle.json`;
    const body = JSON.stringify({ key: `host/bundle-${sha256}.tar`, sha256 });
    return { minutes: 0.01, status: 'SUCCEEDED', log: [], objects: [{ bucketName: assets, key, body }] };
  });
  return Object.assign(stand, { ports: { ...stand.ports, hostBundle: bundle } });
}

function updatesOf({ aws }: CommandStand): number {
  return aws.calls.filter(
    ({ action, input }) => action === 'ssm:SendCommand' && JSON.stringify(input).includes('sbw-host update'),
  ).length;
}

async function bundleOf({ ports }: CommandStand): Promise<string | undefined> {
  const stack = await ports.cloudFormation.describeStack('sbw-dev-warehouse');
  return stack?.parameters['BundleKey'];
}

test('newer packages are built, shown as the change they are, and taken by the running server', async (t) => {
  const debian: Debian = { packages: 'of May' };
  const stand = await openWithBuilds(t, debian);
  assert.equal((await stand.sbw('deploy --yes')).code, 0);
  const first = await bundleOf(stand);
  const updates = updatesOf(stand);

  debian.packages = 'of June';
  const plan = await stand.sbw('host update --plan-only');
  assert.equal(plan.code, 2);
  assert.match(plan.stdout, /update {2}.*sbw-dev-warehouse[^]*build/i);
  assert.equal(await bundleOf(stand), first);

  const { code, stderr } = await stand.sbw('host update --yes');
  assert.equal(code, 0, stderr);
  assert.notEqual(await bundleOf(stand), first);
  assert.equal(updatesOf(stand), updates + 1);
  // The next deploy finds the newer packages, and nothing to do.
  const { code: again, stdout } = await stand.sbw('deploy --json');
  assert.equal(again, 0);
  assert.equal((JSON.parse(stdout) as { changed: boolean }).changed, false);
});

test('packages that are the same again leave the server alone', async (t) => {
  const stand = await openWithBuilds(t, { packages: 'of May' });
  assert.equal((await stand.sbw('deploy --yes')).code, 0);
  const updates = updatesOf(stand);
  const { code, stderr } = await stand.sbw('host update --yes');
  assert.equal(code, 0, stderr);
  assert.equal(updatesOf(stand), updates);
});

test('a build that fails is told with its log, and the earlier packages do not pass for its result', async (t) => {
  const debian: Debian = { packages: 'of May' };
  const stand = await openWithBuilds(t, debian);
  assert.equal((await stand.sbw('deploy --yes')).code, 0);
  const first = await bundleOf(stand);
  debian.packages = null;
  const { code, stdout, stderr } = await stand.sbw('host update --yes');
  assert.equal(code, 1);
  assert.match(`${stdout}${stderr}`, /ended FAILED without a bundle/);
  assert.match(stdout, /sbw host update --stage dev/);
  assert.equal(await bundleOf(stand), first);
});

test('a stage without a server is not given one', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stderr } = await stand.sbw('host update --yes');
  assert.equal(code, 4);
  assert.match(stderr, /Stage dev has no warehouse server/);
  assert.equal(stand.aws.world.stacks.size, 0);
});
