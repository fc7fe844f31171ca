import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASSETS_BUCKET, parametersOf, RAW_BUCKET } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { listOf, readTemplate, resourcesOf, type Value } from './support/template.ts';

const template = readTemplate('network');
const network = renderTemplate(template, parametersOf('network'));
const properties = (id: string): Readonly<Record<string, Value>> => network.Resources[id]!.Properties!;
const nameOf = (id: string): Value => (properties(id)['Tags'] as { Value: string }[])[0]!.Value;

test('VPC and subnets have their names, ranges and zone', () => {
  assert.equal(properties('Vpc')['CidrBlock'], '10.0.0.0/16');
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::Subnet').map(([id, { Properties = {} }]) => [
      nameOf(id),
      Properties['CidrBlock'],
      Properties['AvailabilityZone'],
      Properties['MapPublicIpOnLaunch'],
    ]),
    [
      ['SBW_Project-subnet-public1-ap-southeast-1a', '10.0.0.0/20', 'ap-southeast-1a', false],
      ['SBW_Project-subnet-private1-ap-southeast-1a', '10.0.128.0/20', 'ap-southeast-1a', false],
    ],
  );
});

test('private names of the doors work: the VPC has DNS', () => {
  assert.equal(properties('Vpc')['EnableDnsSupport'], true);
  assert.equal(properties('Vpc')['EnableDnsHostnames'], true);
});

test('the public table leads to the internet, the private one only to S3', () => {
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::Route').map(([, { Properties }]) => Properties),
    [
      {
        RouteTableId: '<PublicRouteTable>',
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: '<InternetGateway>',
      },
    ],
  );
  assert.equal(network.Resources['PublicInternetRoute']!.DependsOn, 'InternetGatewayAttachment');
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::SubnetRouteTableAssociation').map(([, { Properties }]) => Properties),
    [
      { SubnetId: '<PublicSubnet>', RouteTableId: '<PublicRouteTable>' },
      { SubnetId: '<PrivateSubnet>', RouteTableId: '<PrivateRouteTable>' },
    ],
  );
  assert.deepEqual(properties('S3Endpoint')['RouteTableIds'], ['<PrivateRouteTable>']);
  assert.deepEqual(resourcesOf(network, 'AWS::EC2::NatGateway'), []);
});

test('doors: S3 as a gateway, three for Systems Manager with private names', () => {
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::VPCEndpoint').map(([, { Properties = {} }]) => [
      Properties['ServiceName'],
      Properties['VpcEndpointType'],
      Properties['PrivateDnsEnabled'],
      Properties['SubnetIds'],
      Properties['SecurityGroupIds'],
    ]),
    [
      ['com.amazonaws.ap-southeast-1.s3', 'Gateway', undefined, undefined, undefined],
      ...['ssm', 'ssmmessages', 'ec2messages'].map((service) => [
        `com.amazonaws.ap-southeast-1.${service}`,
        'Interface',
        true,
        ['<PrivateSubnet>'],
        ['<EndpointSecurityGroup>'],
      ]),
    ],
  );
});

test('the ec2messages door, and nothing else, goes when it is switched off', () => {
  const without = renderTemplate(template, { ...parametersOf('network'), Ec2Messages: 'false' });
  assert.deepEqual(
    Object.keys(network.Resources).filter((id) => without.Resources[id] === undefined),
    ['Ec2MessagesEndpoint'],
  );
});

test('through the S3 door passes what host and ETL need, and nothing else', () => {
  const { Statement } = properties('S3Endpoint')['PolicyDocument'] as { Statement: Record<string, Value>[] };
  const ours = { StringEquals: { 'aws:PrincipalAccount': '123456789012' } };
  assert.deepEqual(
    Statement.map(({ Effect, Action, Resource, Condition }) => [Effect, Action, Resource, Condition]),
    [
      ['Allow', 's3:GetObject', `arn:aws:s3:::${ASSETS_BUCKET}/*`, ours],
      ['Allow', 's3:ListBucket', `arn:aws:s3:::${RAW_BUCKET}`, ours],
      ['Allow', 's3:GetObject', `arn:aws:s3:::${RAW_BUCKET}/events/*`, ours],
      ['Allow', 's3:PutObject', 'arn:aws:s3:::cloudformation-waitcondition-ap-southeast-1/*', undefined],
      ['Allow', 's3:GetObject', 'arn:aws:s3:::amazon-ssm-ap-southeast-1/*', undefined],
    ],
  );
});

/** `<protocol> <port> <peer>` of a group's own rules and of those kept apart from it. */
function rulesOf(group: string, direction: 'Ingress' | 'Egress'): string[] {
  const apart = resourcesOf(network, `AWS::EC2::SecurityGroup${direction}`)
    .map(([, { Properties = {} }]) => Properties)
    .filter(({ GroupId }) => GroupId === `<${group}>`);
  const own = listOf(properties(group)[`SecurityGroup${direction}`]) as Readonly<Record<string, Value>>[];
  return [...own, ...apart].map((rule) => {
    const peer = rule['CidrIp'] ?? rule['SourceSecurityGroupId'] ?? rule['DestinationSecurityGroupId'];
    assert.equal(rule['FromPort'], rule['ToPort']);
    return [rule['IpProtocol'], rule['FromPort'] ?? 'all', peer].map(String).join(' ');
  });
}

test('security groups have their names', () => {
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::SecurityGroup').map(([id, { Properties = {} }]) => [
      Properties['GroupName'],
      nameOf(id),
    ]),
    ['sg_Lambda_ETL', 'sg_analytics_ShinyDWH', 'sg_oltp_webDB', 'sg_ec2_VPC_Interface_endpoint_SSM'].map(
      (name) => [name, name],
    ),
  );
});

test('the ETL calls PostgreSQL, S3 and Systems Manager, and nobody calls it', () => {
  assert.deepEqual(rulesOf('EtlSecurityGroup', 'Ingress'), []);
  assert.deepEqual(rulesOf('EtlSecurityGroup', 'Egress'), [
    'tcp 443 0.0.0.0/0',
    'tcp 5432 <WarehouseSecurityGroup>',
  ]);
});

test('the warehouse is called by the ETL alone, and has no door for Shiny or a shell', () => {
  assert.deepEqual(rulesOf('WarehouseSecurityGroup', 'Ingress'), ['tcp 5432 <EtlSecurityGroup>']);
  assert.deepEqual(rulesOf('WarehouseSecurityGroup', 'Egress'), ['tcp 443 0.0.0.0/0']);
});

test('the web database is closed', () => {
  assert.deepEqual(rulesOf('WebDbSecurityGroup', 'Ingress'), []);
  assert.deepEqual(rulesOf('WebDbSecurityGroup', 'Egress'), ['tcp 443 0.0.0.0/0', 'tcp 80 0.0.0.0/0']);
});

test('the Systems Manager doors open to the private subnet, the ETL and the web database; they call nobody', () => {
  assert.deepEqual(rulesOf('EndpointSecurityGroup', 'Ingress'), [
    'tcp 443 10.0.128.0/20',
    'tcp 443 <EtlSecurityGroup>',
    'tcp 443 <WebDbSecurityGroup>',
  ]);
  assert.deepEqual(rulesOf('EndpointSecurityGroup', 'Egress'), ['-1 all 127.0.0.1/32']);
});

test('only rules between groups that name each other stand apart', () => {
  assert.deepEqual(resourcesOf(network, 'AWS::EC2::SecurityGroupIngress'), []);
  assert.deepEqual(
    resourcesOf(network, 'AWS::EC2::SecurityGroupEgress').map(([id]) => id),
    ['EtlToWarehouse'],
  );
});
