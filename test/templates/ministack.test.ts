import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { strToU8, zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASSETS_BUCKET, CONTRACT, parametersOf, RAW_BUCKET } from './support/contract.ts';
import { startMinistack, type Ministack } from './support/ministack.ts';
import { renderTemplate } from './support/rendering.ts';
import { listLayers, readTemplate, type Template } from './support/template.ts';

/** What ministack cannot make yet, in its own words. Once it can, the test below fails: then take the line out. */
const REFUSED: Readonly<Record<string, string>> = {
  network: 'Template format error: Unrecognized resource types: [AWS::EC2::SecurityGroupEgress]',
  warehouse:
    'Template format error: Unrecognized resource types: ' +
    '[AWS::DLM::LifecyclePolicy, AWS::EC2::Instance, AWS::EC2::Volume]',
  'web-db':
    'Template format error: Unrecognized resource types: ' +
    '[AWS::DLM::LifecyclePolicy, AWS::EC2::EIP, AWS::EC2::Instance, AWS::EC2::Volume]',
};
const DEADLINE_MS = 30_000;

let aws: Ministack;
let cloudFormation: CloudFormationClient;
let ec2: EC2Client;
let s3: S3Client;

before(async () => {
  aws = await startMinistack();
  cloudFormation = new CloudFormationClient(aws.client);
  ec2 = new EC2Client(aws.client);
  s3 = new S3Client({ ...aws.client, forcePathStyle: true });
});
after(async () => {
  for (const client of [cloudFormation, ec2, s3]) client.destroy();
  await aws.close();
});

async function waitForEnd(stackName: string): Promise<Stack> {
  const giveUpAt = Date.now() + DEADLINE_MS;
  for (;;) {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    const stack = Stacks[0]!;
    if (!stack.StackStatus!.endsWith('_IN_PROGRESS')) return stack;
    assert.ok(Date.now() < giveUpAt, `${stackName} is still ${stack.StackStatus!}`);
    await sleep(100);
  }
}

/** Why a stack failed: its failed resources with the reasons. */
async function reasonsOf(stackName: string): Promise<string> {
  const { StackEvents = [] } = await cloudFormation.send(
    new DescribeStackEventsCommand({ StackName: stackName }),
  );
  return StackEvents.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'))
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`)
    .join('\n');
}

/** Makes the stack and waits for its end; a refusal is thrown in the server's words. */
async function deploy(layer: string, body: string): Promise<Stack> {
  const stackName = `sbw-dev-${layer}`;
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: stackName,
      TemplateBody: body,
      Parameters: Object.entries(parametersOf(layer)).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      Tags: [
        { Key: 'sbw:stage', Value: 'dev' },
        { Key: 'sbw:layer', Value: layer },
      ],
    }),
  );
  const stack = await waitForEnd(stackName);
  assert.equal(stack.StackStatus, 'CREATE_COMPLETE', await reasonsOf(stackName));
  return stack;
}

/** Each resource that the template asks for is there, and each output has a value. */
async function assertComplete(template: Template, stack: Stack): Promise<void> {
  const { StackResources = [] } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName: stack.StackName }),
  );
  assert.deepEqual(
    StackResources.map(({ LogicalResourceId }) => LogicalResourceId).toSorted(),
    Object.keys(renderTemplate(template, parametersOf(template.layer)).Resources).toSorted(),
  );
  assert.deepEqual(
    (stack.Outputs ?? [])
      .filter(({ OutputValue = '' }) => OutputValue !== '')
      .map((output) => output.OutputKey)
      .toSorted(),
    CONTRACT[template.layer]!.outputs.toSorted(),
  );
}

/** Puts the code where the Lambda layers expect it. */
async function uploadCode(): Promise<void> {
  const code = zipSync({ 'index.js': strToU8('exports.handler = async () => ({ statusCode: 204 });') });
  for (const layer of ['ingest', 'etl']) {
    const key = parametersOf(layer)['CodeKey']!;
    await s3.send(new PutObjectCommand({ Bucket: ASSETS_BUCKET, Key: key, Body: code }));
  }
}

// In the order of CONTRACT, which is that of a deploy: the buckets come first.
for (const layer of Object.keys(CONTRACT).filter((name) => listLayers().includes(name))) {
  const refusal = REFUSED[layer];
  test(`${layer}: ${refusal === undefined ? 'comes up as it is' : 'is refused for what ministack lacks'}`, async () => {
    const template = readTemplate(layer);
    if (refusal !== undefined) {
      await assert.rejects(deploy(layer, template.text), { message: refusal });
      return;
    }
    await assertComplete(template, await deploy(layer, template.text));
    if (layer === 'storage') await uploadCode();
  });
}

test('the buckets are what the template says, asked through S3', async () => {
  for (const Bucket of [RAW_BUCKET, ASSETS_BUCKET]) {
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    assert.match(JSON.stringify(encryption.ServerSideEncryptionConfiguration), /AES256/);
    const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    assert.deepEqual(Object.values(access.PublicAccessBlockConfiguration ?? {}), [true, true, true, true]);
    const policy = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    assert.match(policy.Policy ?? '', /"aws:SecureTransport": ?"false"/);
  }
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: RAW_BUCKET }))).Status, 'Enabled');
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: ASSETS_BUCKET }))).Status, undefined);
});

test('the buckets outlive their stack', async () => {
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'sbw-dev-storage' }));
  const giveUpAt = Date.now() + DEADLINE_MS;
  const isGone = async (): Promise<boolean> =>
    cloudFormation.send(new DescribeStacksCommand({ StackName: 'sbw-dev-storage' })).then(
      () => false,
      (error: Error) => /does not exist/.test(error.message),
    );
  while (!(await isGone()) && Date.now() < giveUpAt) await sleep(100);
  for (const Bucket of [RAW_BUCKET, ASSETS_BUCKET]) await s3.send(new HeadBucketCommand({ Bucket }));
});

test('network: all but the refused rule comes up, asked through EC2', async () => {
  const { Metadata, Parameters, Conditions, Resources, Outputs } = readTemplate('network');
  const { EtlToWarehouse, ...others } = Resources;
  assert.equal(EtlToWarehouse?.Type, 'AWS::EC2::SecurityGroupEgress');
  await deploy('network', JSON.stringify({ Metadata, Parameters, Conditions, Resources: others, Outputs }));

  const { Vpcs = [] } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['SBW_Project_VPC'] }] }),
  );
  assert.deepEqual(
    Vpcs.map(({ CidrBlock }) => CidrBlock),
    ['10.0.0.0/16'],
  );
  const Filters = [{ Name: 'vpc-id', Values: [Vpcs[0]!.VpcId!] }];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  assert.deepEqual(Subnets.map(({ CidrBlock }) => CidrBlock).toSorted(), ['10.0.0.0/20', '10.0.128.0/20']);
  const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand({ Filters }));
  assert.deepEqual(VpcEndpoints.map(({ ServiceName = '' }) => ServiceName.split('.').at(-1)).toSorted(), [
    'ec2messages',
    's3',
    'ssm',
    'ssmmessages',
  ]);
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  assert.deepEqual(SecurityGroups.map(({ GroupName }) => GroupName).toSorted(), [
    'default',
    'sg_Lambda_ETL',
    'sg_analytics_ShinyDWH',
    'sg_ec2_VPC_Interface_endpoint_SSM',
    'sg_oltp_webDB',
  ]);
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const toInternet = RouteTables.filter(({ Routes = [] }) =>
    Routes.some(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0'),
  );
  assert.deepEqual(
    toInternet.flatMap(({ Associations = [] }) => Associations.map(({ SubnetId }) => SubnetId)),
    [Subnets.find(({ CidrBlock }) => CidrBlock === '10.0.0.0/20')!.SubnetId],
  );
});
