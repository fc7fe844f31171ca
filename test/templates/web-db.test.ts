import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { parametersOf } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { statementsOf } from './support/risks.ts';
import { readTemplate, resourcesOf, textOf } from './support/template.ts';

const template = readTemplate('web-db');
const webDb = renderTemplate(template, parametersOf('web-db'));
const server = webDb.Resources['Server']!.Properties!;
const script = textOf(server['UserData']);

function openRanges(given: Readonly<Record<string, string>>): unknown[] {
  const rendered = renderTemplate(template, { ...parametersOf('web-db'), ...given });
  return resourcesOf(rendered, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties = {} }]) => [
    Properties['GroupId'],
    Properties['IpProtocol'],
    Properties['FromPort'],
    Properties['ToPort'],
    Properties['CidrIp'],
  ]);
}

test('nobody may call PostgreSQL until somebody is named', () => {
  assert.deepEqual(openRanges({}), []);
});

test('named ranges may, and only on 5432', () => {
  const group = parametersOf('web-db')['WebDbSecurityGroupId'];
  for (const name of ['AllowedCidr1', 'AllowedCidr2', 'AllowedCidr3', 'AllowedCidr4']) {
    assert.deepEqual(openRanges({ [name]: '203.0.113.7/32' }), [
      [group, 'tcp', 5432, 5432, '203.0.113.7/32'],
    ]);
  }
  const two = openRanges({ AllowedCidr1: '203.0.113.7/32', AllowedCidr4: '198.51.100.0/24' });
  assert.equal(two.length, 2);
});

test('no range is the whole internet, or nearly', () => {
  for (const name of ['AllowedCidr1', 'AllowedCidr2', 'AllowedCidr3', 'AllowedCidr4']) {
    const pattern = new RegExp(template.Parameters[name]!.AllowedPattern!);
    for (const fine of ['', '203.0.113.7/32', '10.0.0.0/8', '192.0.2.0/24']) assert.match(fine, pattern);
    for (const wrong of [
      '0.0.0.0/0',
      '0.0.0.0/1',
      '128.0.0.0/7',
      '::/0',
      '203.0.113.7',
      'all',
      '1.2.3.4/33',
    ]) {
      assert.doesNotMatch(wrong, pattern);
    }
  }
});

test('the server may be managed and read its own password, nothing more', () => {
  const actions = statementsOf(webDb.Resources['Role']!)
    .map(({ Action, Resource }) => [Action, Resource])
    .filter(([, resource]) => resource !== '*');
  assert.deepEqual(actions, [
    ['ssm:UpdateInstanceInformation', 'arn:aws:ec2:ap-southeast-1:123456789012:instance/*'],
    ['ssm:GetParameter', 'arn:aws:ssm:ap-southeast-1:123456789012:parameter/sbw/dev/webdb/password'],
  ]);
});

test('data is on its own volume, in the zone of the subnet, found by the daily snapshots', () => {
  const volume = webDb.Resources['DataVolume']!.Properties!;
  assert.equal(volume['AvailabilityZone'], 'ap-southeast-1a');
  assert.deepEqual(server['Volumes'], [{ Device: '/dev/sdf', VolumeId: '<DataVolume>' }]);
  const policy = webDb.Resources['DailySnapshots']!.Properties!['PolicyDetails'] as { TargetTags: unknown[] };
  for (const tag of policy.TargetTags) {
    assert.ok(JSON.stringify(volume['Tags']).includes(JSON.stringify(tag)));
  }
});

test('snapshots are made of that volume alone, and only they are deleted again', () => {
  const snapshots = 'arn:aws:ec2:ap-southeast-1::snapshot/*';
  assert.deepEqual(
    statementsOf(webDb.Resources['SnapshotRole']!).map(({ Action, Resource }) => [Action, Resource]),
    [
      ['ec2:CreateSnapshot', ['arn:aws:ec2:ap-southeast-1:123456789012:volume/<DataVolume>', snapshots]],
      ['ec2:CreateTags', snapshots],
      ['ec2:DeleteSnapshot', snapshots],
      [['ec2:DescribeInstances', 'ec2:DescribeSnapshots', 'ec2:DescribeVolumes'], '*'],
    ],
  );
  const deletion = statementsOf(webDb.Resources['SnapshotRole']!)[2] as { Condition?: unknown };
  assert.deepEqual(deletion.Condition, { StringEquals: { 'aws:ResourceTag/sbw:backup': 'dev-web-db' } });
});

test('the stage can be read from the disk of the server as well', () => {
  assert.equal(server['PropagateTagsToVolumeOnCreation'], true);
});

test('the first boot is a script that bash can read, with every variable filled in', () => {
  assert.ok(script.startsWith('#!/bin/bash\n'));
  assert.ok(Buffer.byteLength(script) < 16_384);
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(script, /\$\{/);
  assert.match(script, /createcluster|clickstream_web/);
  assert.match(script, /--name '\/sbw\/dev\/webdb\/password'/);
});

test('only TLS connections of the application reach the database over the network', () => {
  const rules = /pg_hba\.conf" <<'CONF'\n([^]*?)\nCONF/.exec(script)?.[1]?.split('\n');
  assert.deepEqual(rules, [
    'local   all              all      peer',
    'hostssl clickstream_web  web_app  all  scram-sha-256',
  ]);
});

test('the stack is up when PostgreSQL has answered, not before', () => {
  const ready = webDb.Resources['Ready']!;
  assert.deepEqual(ready.DependsOn, ['Server', 'PublicAddress']);
  assert.equal(ready.Properties!['Handle'], '<ReadyHandle>');
  assert.match(script, /'<ReadyHandle>'/);
});
