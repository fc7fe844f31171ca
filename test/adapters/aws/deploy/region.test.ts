import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openRegion } from '../../../../src/adapters/aws/deploy/region.ts';
import { type FakeAwsOptions, startFakeAws } from '../../../fakes/aws/fake-aws.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

async function open(t: TestContext, options: FakeAwsOptions = {}) {
  const aws = await startFakeAws({ pageSize: 2, ...options });
  const region = openRegion(settingsFor(aws));
  t.after(async () => {
    region.close();
    await aws.close();
  });
  return { aws, region };
}

test('who calls, and what the region has', async (t) => {
  const { aws, region } = await open(t, { concurrencyLimit: 10 });
  assert.equal(await region.account(), aws.accountId);
  assert.match(await region.caller(), /^arn:aws:/);
  assert.deepEqual(await region.zones(), ['ap-southeast-1a', 'ap-southeast-1b', 'ap-southeast-1c']);
  assert.deepEqual(await region.concurrency(), { limit: 10, unreserved: 10 });
});

test('zones of a server type; none for a type that is not sold here', async (t) => {
  const { region } = await open(t, { missingInstanceTypes: ['t9.small'] });
  assert.deepEqual(await region.zonesWith('t3.small'), await region.zones());
  assert.deepEqual(await region.zonesWith('t9.small'), []);
});

test('VPCs are counted over all pages', async (t) => {
  const { aws, region } = await open(t);
  const before = await region.vpcCount();
  for (const id of ['vpc-1', 'vpc-2', 'vpc-3', 'vpc-4'])
    aws.seed.thing({ type: 'AWS::EC2::VPC', id, properties: { CidrBlock: '10.0.0.0/16' } });
  assert.equal(await region.vpcCount(), before + 4);
});

test('the image that Debian publishes; without it the newest of its own images; without these an error', async (t) => {
  const { aws, region } = await open(t, { pageSize: 50 });
  const published = await region.newestImage();
  assert.equal(await region.hasImage(published), true);
  assert.equal(await region.hasImage('ami-0123456789abcdef0'), false);
  aws.seed.vanish('AWS::SSM::Parameter', '/aws/service/debian/release/13/latest/amd64');
  const image = (id: string, CreationDate: string, OwnerId = '136693071363') =>
    aws.seed.thing({
      ...{ type: 'AWS::EC2::Image', id },
      properties: { Name: `debian-13-amd64-${id}`, OwnerId, CreationDate, Architecture: 'x86_64' },
    });
  image('ami-newest', '2030-01-02T00:00:00.000Z');
  image('ami-new', '2030-01-01T00:00:00.000Z');
  image('ami-foreign', '2031-01-01T00:00:00.000Z', '999999999999');
  assert.equal(await region.newestImage(), 'ami-newest');
  for (const id of ['ami-newest', 'ami-new', published]) aws.seed.vanish('AWS::EC2::Image', id);
  await assert.rejects(region.newestImage(), { code: 'IMAGE_NOT_FOUND', kind: 'environment' });
});

test('a bucket name is free, ours, or of somebody whom nobody can ask', async (t) => {
  const { aws, region } = await open(t);
  aws.seed.bucket('mine');
  aws.seed.takeBucketName('theirs');
  const states = await Promise.all(['nobodys', 'mine', 'theirs'].map((name) => region.bucketName(name)));
  assert.deepEqual(states, ['free', 'ours', 'taken']);
});

test('actions that IAM refuses, over all pages; null when IAM does not tell', async (t) => {
  const { aws, region } = await open(t);
  const actions = ['s3:PutObject', 'iam:CreateRole', 'ec2:CreateVpc', 'ec2:RunInstances', 'sns:CreateTopic'];
  assert.deepEqual(await region.deniedActions(actions), []);
  aws.deny('ec2:RunInstances');
  aws.deny('sns:CreateTopic');
  assert.deepEqual(await region.deniedActions(actions), ['ec2:RunInstances', 'sns:CreateTopic']);
  aws.deny('iam:SimulatePrincipalPolicy');
  assert.equal(await region.deniedActions(actions), null);
});
