import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ASSETS_BUCKET, parametersOf } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { statementsOf } from './support/risks.ts';
import { readTemplate, resourcesOf, textOf } from './support/template.ts';

const given = parametersOf('warehouse');
const warehouse = renderTemplate(readTemplate('warehouse'), given);
const server = warehouse.Resources['Server']!.Properties!;
const script = textOf(server['UserData']);
/** What EC2 takes. */
const MAX_USER_DATA_BYTES = 16_384;

function tagsOf(properties: typeof server): Record<string, string> {
  const tags = properties['Tags'] as unknown as { Key: string; Value: string }[];
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

function documentIn(marker: string): string {
  const found = new RegExp(`<<'${marker}'\\n([^]*?\\n)${marker}\\n`).exec(script)?.[1];
  assert.ok(found !== undefined, `no ${marker} in the user data`);
  return found;
}

test('the server reads its files through its own door and its secrets from its own network, nothing more', () => {
  const statements = statementsOf(warehouse.Resources['Role']!)
    .map((statement) => statement as typeof statement & { readonly Condition?: unknown })
    .filter(({ Resource }) => Resource !== '*')
    .map(({ Action, Resource, Condition }) => [Action, Resource, Condition]);
  const parameter = 'arn:aws:ssm:ap-southeast-1:123456789012:parameter/sbw/dev/dwh';
  assert.deepEqual(statements, [
    ['ssm:UpdateInstanceInformation', 'arn:aws:ec2:ap-southeast-1:123456789012:instance/*', undefined],
    [
      's3:GetObject',
      `arn:aws:s3:::${ASSETS_BUCKET}/host/*`,
      { StringEquals: { 'aws:SourceVpce': given['S3EndpointId'] } },
    ],
    [
      'ssm:GetParameter',
      [`${parameter}/etl-password`, `${parameter}/ca-key`, `${parameter}/ca-certificate`],
      { StringEquals: { 'aws:SourceVpc': given['VpcId'] } },
    ],
  ]);
});

test('a release is named by tags, which change without a stop of the server', () => {
  const { Name, ...tags } = tagsOf(server);
  assert.equal(Name, 'SBW_EC2_ShinyDWH');
  assert.deepEqual(tags, {
    'sbw:bundle-key': given['BundleKey'],
    'sbw:bundle-sha256': given['BundleSha256'],
    'sbw:provision-key': given['ProvisionKey'],
    'sbw:provision-sha256': given['ProvisionSha256'],
  });
  // The server reads them from its metadata, which takes only such names.
  for (const key of Object.keys(tags)) assert.match(key, /^[\w+=.,:@-]+$/);
  assert.equal((server['MetadataOptions'] as Record<string, unknown>)['InstanceMetadataTags'], 'enabled');
  const other = renderTemplate(readTemplate('warehouse'), { ...given, ProvisionSha256: 'c'.repeat(64) });
  assert.deepEqual(other.Resources['Server']!.Properties!['UserData'], server['UserData']);
});

test('data is on its own volume, in the zone of the subnet, found by the daily snapshots', () => {
  const volume = warehouse.Resources['DataVolume']!.Properties!;
  assert.equal(volume['AvailabilityZone'], 'ap-southeast-1a');
  assert.deepEqual(server['Volumes'], [{ Device: '/dev/sdf', VolumeId: '<DataVolume>' }]);
  const policy = warehouse.Resources['DailySnapshots']!.Properties!['PolicyDetails'] as {
    TargetTags: { Key: string; Value: string }[];
    Schedules: readonly object[];
  };
  assert.deepEqual(policy.TargetTags, [{ Key: 'sbw:backup', Value: 'dev-warehouse' }]);
  assert.equal(tagsOf(volume)['sbw:backup'], 'dev-warehouse');
  assert.equal(warehouse.Resources['DailySnapshots']!.Properties!['State'], 'ENABLED');
  assert.deepEqual(policy.Schedules, [
    {
      ...{ Name: 'daily', CopyTags: true, RetainRule: { Count: 7 } },
      CreateRule: { Interval: 24, IntervalUnit: 'HOURS', Times: ['18:00'] },
    },
  ]);
});

test('the volume is not attached a second time, so that the server ends before it is freed', () => {
  assert.deepEqual(resourcesOf(warehouse, 'AWS::EC2::VolumeAttachment'), []);
});

test('the other generation is another server to CloudFormation, and in nothing else another', () => {
  const other = renderTemplate(readTemplate('warehouse'), { ...given, ServerGeneration: '2' });
  const { AvailabilityZone, ...rest } = other.Resources['Server']!.Properties!;
  assert.equal(server['AvailabilityZone'], undefined);
  assert.equal(AvailabilityZone, 'ap-southeast-1a');
  assert.deepEqual(
    rest,
    Object.fromEntries(Object.entries(server).filter(([, value]) => value !== undefined)),
  );
});

test('snapshots are made of that volume alone, and only they are deleted again', () => {
  const snapshots = 'arn:aws:ec2:ap-southeast-1::snapshot/*';
  const statements = statementsOf(warehouse.Resources['SnapshotRole']!);
  assert.deepEqual(
    statements.map(({ Action, Resource }) => [Action, Resource]),
    [
      ['ec2:CreateSnapshot', ['arn:aws:ec2:ap-southeast-1:123456789012:volume/<DataVolume>', snapshots]],
      ['ec2:CreateTags', snapshots],
      ['ec2:DeleteSnapshot', snapshots],
      [['ec2:DescribeInstances', 'ec2:DescribeSnapshots', 'ec2:DescribeVolumes'], '*'],
    ],
  );
  assert.deepEqual((statements[2] as { Condition?: unknown }).Condition, {
    StringEquals: { 'aws:ResourceTag/sbw:backup': 'dev-warehouse' },
  });
});

test('user data is the program of the server, word for word, and what the program is told', () => {
  assert.ok(Buffer.byteLength(script) < MAX_USER_DATA_BYTES);
  assert.equal(documentIn('PYTHON'), readFileSync('src/instance/provision/host.py', 'utf8'));
  assert.deepEqual(JSON.parse(documentIn('JSON')), {
    region: 'ap-southeast-1',
    stage: 'dev',
    bucket: ASSETS_BUCKET,
    volume: '<DataVolume>',
    ready_url: '<ReadyHandle>',
  });
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('the stack is up when the server says so, not before', () => {
  const ready = warehouse.Resources['Ready']!;
  assert.equal(ready.DependsOn, 'Server');
  assert.deepEqual(ready.Properties, { Handle: '<ReadyHandle>', Timeout: '1200', Count: 1 });
});
