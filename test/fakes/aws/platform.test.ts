import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Bench, startBench } from './testing/stacks.ts';

const BUCKETS = { RawBucketName: 'raw-123456789012', AssetsBucketName: 'assets-123456789012' };
const ZONE = { AvailabilityZone: 'ap-southeast-1a' };

let bench: Bench;
before(async () => {
  bench = await startBench();
});
after(() => bench.close());

/** A layer of the platform with the template that ships. @returns its outputs */
async function deployLayer(
  layer: string,
  parameters: Record<string, string>,
): Promise<Record<string, string>> {
  const { StackStatus, Outputs } = await bench.deploy(
    `sbw-dev-${layer}`,
    readFileSync(`src/templates/${layer}.yaml`, 'utf8'),
    {
      Parameters: Object.entries({ Stage: 'dev', NameSuffix: '', ...parameters }).map(
        ([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        }),
      ),
      Tags: [{ Key: 'sbw:stage', Value: 'dev' }],
    },
  );
  assert.equal(StackStatus, 'CREATE_COMPLETE');
  return Object.fromEntries((Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
}

test('the templates that ship come up, wired by their outputs', async () => {
  const storage = await deployLayer('storage', BUCKETS);
  assert.equal(storage['RawBucketArn'], 'arn:aws:s3:::raw-123456789012');
  const network = await deployLayer('network', { ...BUCKETS, ...ZONE });
  assert.match(network['VpcId'] ?? '', /^vpc-0[0-9a-f]{16}$/);
  const webDb = await deployLayer('web-db', {
    ...ZONE,
    PublicSubnetId: network['PublicSubnetId']!,
    WebDbSecurityGroupId: network['WebDbSecurityGroupId']!,
    ImageId: 'ami-0debian13amd64000',
    AllowedCidr1: '198.51.100.7/32',
  });
  assert.match(webDb['PublicIp'] ?? '', /^203\.0\.113\./);
});

test('every thing that can carry the stage carries it', () => {
  const untagged = bench.aws.residue().filter(({ tags }) => tags['sbw:stage'] === undefined);
  const kinds = new Set(untagged.map(({ type }) => type.split('::')[2]));
  for (const kind of ['VPC', 'Subnet', 'Bucket', 'Volume', 'EIP', 'VPCEndpoint', 'Role', 'SecurityGroup']) {
    assert.ok(!kinds.has(kind), kind);
  }
  assert.ok(kinds.has('Route'), 'a route takes no tags');
});

test('the network does not go before what stands in it', async () => {
  assert.equal((await bench.remove('sbw-dev-network')).StackStatus, 'DELETE_FAILED');
});

test('they go in the other order, and leave what they are told to leave', async () => {
  for (const layer of ['web-db', 'network', 'storage']) {
    assert.equal((await bench.remove(`sbw-dev-${layer}`)).StackStatus, 'DELETE_COMPLETE', layer);
  }
  assert.deepEqual(
    bench.aws
      .residue()
      .map(({ type }) => type)
      .toSorted(),
    ['AWS::EC2::Snapshot', 'AWS::S3::Bucket', 'AWS::S3::Bucket'],
  );
});
