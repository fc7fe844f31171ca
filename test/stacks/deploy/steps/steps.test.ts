import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { LAYER_NAMES } from '../../../../src/stacks/catalog.ts';
import { readAssets, uploadAssets } from '../../../../src/stacks/deploy/steps/assets.ts';
import { generateKey, makeAuthority } from '../../../../src/stacks/deploy/steps/certificate.ts';
import { makeSecrets, neededSecrets } from '../../../../src/stacks/deploy/steps/secrets.ts';
import { parseStage } from '../../../../src/stacks/stage.ts';
import { type Stand, openStand } from '../stand.ts';

const STAGE = parseStage('test');
const ALL = neededSecrets(LAYER_NAMES);
const NOW = new Date('2026-11-01T00:00:00Z');

async function valuesOf({ ports }: Stand): Promise<(string | null)[]> {
  return Promise.all(ALL.map((name) => ports.parameters.read(`/sbw/test/${name}`)));
}

test('secrets are made once, whatever is asked again; all but the certificate are encrypted', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const { parameters } = stand.ports;
  await makeSecrets(parameters, STAGE, ALL, NOW);
  const first = await valuesOf(stand);
  assert.equal(new Set(first).size, ALL.length);
  await makeSecrets(parameters, STAGE, ALL, NOW);
  assert.deepEqual(await valuesOf(stand), first);
  const puts = stand.aws.calls.filter(({ action }) => action === 'ssm:PutParameter');
  const types = new Map(
    puts.map(({ input }) => [String(input['Name']).slice('/sbw/test/'.length), input['Type']]),
  );
  assert.deepEqual(Object.fromEntries(types), {
    ...{ 'dwh/etl-password': 'SecureString', 'dwh/ca-key': 'SecureString', 'dwh/ca-certificate': 'String' },
    'webdb/password': 'SecureString',
  });
  for (const password of [first[0], first[3]]) assert.match(password ?? '', /^[\w-]{32}$/);
});

test('half of an authority is not made up for: servers trust the other half', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const { parameters } = stand.ports;
  await makeSecrets(parameters, STAGE, ALL, NOW);
  await parameters.remove('/sbw/test/dwh/ca-key');
  await assert.rejects(makeSecrets(parameters, STAGE, ['dwh/ca-key'], NOW), {
    code: 'SECRET_MISSING',
    kind: 'refused',
    fix: /delete \/sbw\/test\/dwh\/ca-certificate too/,
  });
  await parameters.remove('/sbw/test/dwh/ca-certificate');
  await makeSecrets(parameters, STAGE, ALL, NOW);
  // The certificate alone is made anew of the key that is there.
  await parameters.remove('/sbw/test/dwh/ca-certificate');
  await makeSecrets(parameters, STAGE, ['dwh/ca-certificate'], NOW);
  const [, key, certificate] = await valuesOf(stand);
  assert.ok(new X509Certificate(certificate!).checkPrivateKey(createPrivateKey(key!)));
});

test('a secret that cannot be kept is in no error, whatever AWS answers', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const values: string[] = [];
  stand.aws.onCall(({ action, input }) => {
    if (action === 'ssm:PutParameter') values.push(String(input['Value']));
  });
  stand.aws.deny('ssm:PutParameter');
  for (const name of ALL.filter((one) => one !== 'dwh/ca-certificate')) {
    const error = await makeSecrets(stand.ports.parameters, STAGE, [name], NOW).catch((one: unknown) => one);
    const value = values.at(-1) ?? '';
    assert.ok(value.length >= 32);
    assert.equal((error as { code?: string }).code, 'AWS_ACCESS_DENIED');
    const shown = inspect(error, { depth: 10, showHidden: true });
    assert.ok(!shown.includes(value) && !shown.includes('PRIVATE KEY'), name);
  }
});

test('the authority may sign servers and nothing else, for twenty years', async () => {
  const key = generateKey();
  const certificate = new X509Certificate(await makeAuthority(key, `sbw ${'x'.repeat(100)}`, NOW));
  assert.equal(certificate.ca, true);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  assert.match(certificate.subject, /^CN=sbw x{60}$/);
  assert.ok(new Date(certificate.validFrom) < NOW);
  assert.equal(new Date(certificate.validTo).getUTCFullYear(), 2046);
});

test('assets have their content in their name, and are uploaded when that is not there', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const { assetStore, packageFiles } = stand.ports;
  stand.aws.world.buckets.clear();
  const facts = await stand.look();
  assert.deepEqual(
    facts.facts.assets.map(({ name }) => name),
    ['ingest', 'etl', 'provision', 'bundle-source'],
  );
  const keys = async (): Promise<string[]> =>
    (await readAssets(packageFiles, ['ingest'])).map(({ key }) => key);
  const before = await keys();
  assert.match(before.join(), /^code\/ingest-[0-9a-f]{16}\.zip$/);
  stand.files.set('asset/ingest', 'ingest 2');
  assert.notDeepEqual(await keys(), before);

  await stand.deploy(stand.request({}, { layers: ['storage'] }));
  const bucket = [...stand.aws.world.buckets.keys()].find((name) => name.includes('-sbw-'))!;
  const assets = (await readAssets(packageFiles, LAYER_NAMES)).map((asset) => ({
    ...asset,
    isUploaded: false,
  }));
  const said: string[] = [];
  assert.equal(await uploadAssets(assetStore, bucket, assets, (text) => void said.push(text)), 'done');
  assert.equal(said.length, 4);
  assert.equal(await uploadAssets(assetStore, bucket, assets, () => assert.fail('again')), 'unchanged');
});
