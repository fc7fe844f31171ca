import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parametersOf } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { findOpenPorts, findSecrets, findWidePermissions, statementsOf } from './support/risks.ts';
import {
  isMap,
  listOf,
  parseTemplate,
  readTemplates,
  resourcesOf,
  textOf,
  type Value,
} from './support/template.ts';

const templates = readTemplates();
const rendered = templates.map((template) => renderTemplate(template, parametersOf(template.layer)));
const all = (type: string) =>
  rendered.flatMap((template) =>
    resourcesOf(template, type).map(([id, { Properties = {}, ...rest }]) => ({ id, Properties, ...rest })),
  );

for (const [index, { layer, Parameters }] of templates.entries()) {
  test(`${layer}: databases, dashboard and shell are not open to everyone`, () => {
    assert.deepEqual(findOpenPorts(rendered[index]!), []);
  });

  test(`${layer}: permissions name actions and, where they can, resources`, () => {
    assert.deepEqual(findWidePermissions(rendered[index]!), []);
  });

  test(`${layer}: no secret, and no place for one`, () => {
    assert.deepEqual(findSecrets(rendered[index]!), []);
    for (const [name, { NoEcho }] of Object.entries(Parameters)) {
      assert.equal(NoEcho, undefined, name);
      assert.doesNotMatch(name, /password|secret|token/i);
    }
  });
}

test('every volume is encrypted, and leaves a snapshot behind', () => {
  for (const volume of all('AWS::EC2::Volume')) {
    assert.equal(volume.Properties['Encrypted'], true, volume.id);
    assert.equal(volume.DeletionPolicy, 'Snapshot', volume.id);
    assert.equal(volume.UpdateReplacePolicy, 'Snapshot', volume.id);
  }
});

test('servers ask for session tokens, have encrypted disks, no key pair, and an image that is not looked up', () => {
  for (const { id, Properties } of all('AWS::EC2::Instance')) {
    assert.deepEqual(
      {
        tokens: (Properties['MetadataOptions'] as { HttpTokens?: string }).HttpTokens,
        key: Properties['KeyName'],
      },
      { tokens: 'required', key: undefined },
      id,
    );
    for (const device of listOf(Properties['BlockDeviceMappings'])) {
      assert.equal(((device as { Ebs?: { Encrypted?: boolean } }).Ebs ?? {}).Encrypted, true, id);
    }
  }
  for (const { Parameters } of templates) {
    assert.match(Parameters['ImageId']?.Type ?? 'String', /^(String|AWS::EC2::Image::Id)$/);
  }
});

test('every bucket is encrypted, private and speaks TLS only', () => {
  for (const { id, Properties } of all('AWS::S3::Bucket')) {
    assert.match(JSON.stringify(Properties['BucketEncryption']), /AES256|aws:kms/, id);
    assert.deepEqual(
      Properties['PublicAccessBlockConfiguration'],
      { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      id,
    );
    const policy = all('AWS::S3::BucketPolicy').find((one) => one.Properties['Bucket'] === `<${id}>`);
    const statements = listOf((policy?.Properties['PolicyDocument'] as { Statement: Value }).Statement);
    assert.deepEqual(
      statements.filter(
        (one) =>
          isMap(one) &&
          isMap(one['Condition']) &&
          JSON.stringify(one['Condition']).includes('SecureTransport'),
      ),
      [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`<${id}.Arn>`, `<${id}.Arn>/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
      id,
    );
  }
});

test('Lambdas: the region is left to the runtime, log groups are declared and cannot come back', () => {
  for (const { id, Properties } of all('AWS::Lambda::Function')) {
    const variables =
      (Properties['Environment'] as { Variables?: Record<string, Value> } | undefined)?.Variables ?? {};
    assert.deepEqual(
      Object.keys(variables).filter((name) => name.startsWith('AWS_')),
      [],
      id,
    );
  }
  for (const template of rendered) {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    for (const [id, { Properties = {} }] of groups) {
      assert.ok(Number(Properties['RetentionInDays']) > 0, id);
    }
    for (const [id, { Properties = {} }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      const target = (Properties['LoggingConfig'] as { LogGroup?: string } | undefined)?.LogGroup;
      const names = groups.flatMap(([group, { Properties: group_ = {} }]) => [
        `<${group}>`,
        group_['LogGroupName'],
      ]);
      assert.ok(names.includes(target ?? `/aws/lambda/${textOf(Properties['FunctionName'])}`), id);
    }
  }
});

test('no role may make log groups', () => {
  for (const template of rendered) {
    for (const [id, role] of resourcesOf(template, 'AWS::IAM::Role')) {
      const actions = statementsOf(role).flatMap(({ Action }) => listOf(Action));
      assert.ok(!actions.includes('logs:CreateLogGroup'), `${id} may make log groups`);
    }
  }
});

test('the rules find what breaks them', () => {
  const broken = renderTemplate(
    parseTemplate(
      'broken',
      `Parameters: {}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 5000, ToPort: 6000, CidrIp: 0.0.0.0/0 }
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8 }
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: { IpProtocol: '-1', CidrIpv6: '::/0' }
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']
      Policies:
        - PolicyDocument:
            Statement:
              - { Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::one' }
              - { Effect: Allow, Action: [s3:GetObject, ec2:DescribeVolumes], Resource: '*' }
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Environment: { Variables: { DWH_PASSWORD: x, DWH_PASSWORD_PARAMETER: /sbw/dev/dwh/etl-password } }
      Description: postgres://me:word@host/db
Outputs: {}
`,
    ),
    {},
  );
  assert.deepEqual(findOpenPorts(broken), ['Group 5432', 'Rule 5432', 'Rule 3838', 'Rule 22']);
  assert.deepEqual(findWidePermissions(broken), [
    'Role arn:aws:iam::aws:policy/AdministratorAccess',
    'Role s3:*',
    'Role s3:GetObject on *',
  ]);
  assert.deepEqual(findSecrets(broken), ['Function DWH_PASSWORD', 'Function postgres://me:word@host/db']);
});
