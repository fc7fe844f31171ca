import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openAssetStore } from '../../../../src/adapters/aws/deploy/assets.ts';
import { openParameters } from '../../../../src/adapters/aws/deploy/parameters.ts';
import { type FakeAws, startFakeAws } from '../../../fakes/aws/fake-aws.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

let aws: FakeAws;
let parameters: ReturnType<typeof openParameters>;
let assets: ReturnType<typeof openAssetStore>;
before(async () => {
  aws = await startFakeAws({ pageSize: 2 });
  aws.seed.bucket('assets');
  parameters = openParameters(settingsFor(aws));
  assets = openAssetStore(settingsFor(aws));
});
after(async () => {
  parameters.close();
  assets.close();
  await aws.close();
});

const parameter = (name: string, value: string) => ({
  ...{ name, value, isSecret: true, description: 'A secret', tags: { 'sbw:stage': 'dev' } },
});

test('a parameter is made once: who comes second is told, and changes nothing', async () => {
  assert.equal(await parameters.read('/sbw/a/one'), null);
  assert.equal(await parameters.create(parameter('/sbw/a/one', 'first')), true);
  assert.equal(await parameters.create(parameter('/sbw/a/one', 'second')), false);
  assert.equal(await parameters.read('/sbw/a/one'), 'first');
  await parameters.replace('/sbw/a/one', 'third');
  assert.equal(await parameters.read('/sbw/a/one'), 'third');
  await parameters.remove('/sbw/a/one');
  await parameters.remove('/sbw/a/one');
  assert.equal(await parameters.read('/sbw/a/one'), null);
});

test('secrets are sent as such, with their tags', () => {
  const [put] = aws.calls.filter(({ action }) => action === 'ssm:PutParameter');
  assert.deepEqual(
    [put?.input['Type'], put?.input['Tags'], put?.input['Overwrite']],
    ['SecureString', [{ Key: 'sbw:stage', Value: 'dev' }], false],
  );
});

test('names below a path, over all pages', async () => {
  const names = ['/sbw/b/1', '/sbw/b/2', '/sbw/b/3', '/sbw/b/4', '/sbw/b/5'];
  for (const name of [...names, '/sbw/c/1']) await parameters.create(parameter(name, 'x'));
  assert.deepEqual([...(await parameters.names('/sbw/b/'))].toSorted(), names);
});

test('no right to read is no missing parameter', async () => {
  aws.deny('ssm:GetParameter');
  await assert.rejects(parameters.read('/sbw/a/one'), { code: 'AWS_ACCESS_DENIED' });
  aws.allow('ssm:GetParameter');
});

test('an asset is there or not; what is uploaded says its own hash to S3', async () => {
  const content = Buffer.from('zip');
  assert.equal(await assets.has('assets', 'code/etl-1.zip'), false);
  assert.equal(await assets.readText('assets', 'code/etl-1.zip'), null);
  await assets.put('assets', 'code/etl-1.zip', content);
  assert.equal(await assets.has('assets', 'code/etl-1.zip'), true);
  assert.equal(await assets.readText('assets', 'code/etl-1.zip'), 'zip');
  const put = aws.calls.find(({ action }) => action === 's3:PutObject');
  assert.equal(put?.input['ChecksumSHA256'], createHash('sha256').update(content).digest('base64'));
});

test('no right to look is no missing asset; a missing bucket has none', async () => {
  aws.deny('s3:HeadObject');
  // Refused without a word: the answer to a HEAD has no body.
  await assert.rejects(assets.has('assets', 'code/etl-1.zip'), { name: 'SbwError' });
  aws.allow('s3:HeadObject');
  assert.equal(await assets.has('gone', 'code/etl-1.zip'), false);
});
