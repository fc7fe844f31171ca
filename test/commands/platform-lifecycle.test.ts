import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as ec2 from '@aws-sdk/client-ec2';
import { ApiGatewayV2Client, GetApisCommand, GetRoutesCommand } from '@aws-sdk/client-apigatewayv2';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketVersioningCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { settingsFor } from '../fakes/aws/testing/stacks.ts';
import { type Stand, openStand } from '../stacks/deploy/stand.ts';
import { type FakeContext, fakeContext, runSbw } from '../support/context.ts';

/** From nothing to the whole platform and back, by the commands that an operator types. */

let stand: Stand;
let ctx: FakeContext;
before(async () => {
  stand = await openStand();
  ctx = {
    ...fakeContext({ cwd: stand.folder, env: { AWS_REGION: stand.aws.region } }),
    clock: stand.clock,
    openPlatform: async () => ({ ...stand.ports, close: () => undefined }),
  };
});
after(() => stand.close());

const nameOf = ({ Tags }: { readonly Tags?: readonly ec2.Tag[] | undefined }): string =>
  Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '';

test('deploy makes the whole platform', async () => {
  const { code, stderr } = await runSbw(ctx, 'deploy', '--yes', '--set', 'ec2Messages=true');
  assert.equal(code, 0, stderr);
});

test('the network is there as the seeds draw it', async () => {
  const client = new ec2.EC2Client(settingsFor(stand.aws));
  const vpcs = (await client.send(new ec2.DescribeVpcsCommand({}))).Vpcs!.filter(
    ({ IsDefault }) => !IsDefault,
  );
  assert.deepEqual(
    vpcs.map((vpc) => [nameOf(vpc), vpc.CidrBlock]),
    [['SBW_Project_VPC', '10.0.0.0/16']],
  );
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcs[0]!.VpcId!] }] };
  const subnets = (await client.send(new ec2.DescribeSubnetsCommand(inVpc))).Subnets!;
  assert.deepEqual(subnets.map((subnet) => [nameOf(subnet), subnet.CidrBlock]).toSorted(), [
    ['SBW_Project-subnet-private1-ap-southeast-1a', '10.0.128.0/20'],
    ['SBW_Project-subnet-public1-ap-southeast-1a', '10.0.0.0/20'],
  ]);
  const idOf = (name: string): string => subnets.find((one) => nameOf(one).includes(name))!.SubnetId!;
  const tables = (await client.send(new ec2.DescribeRouteTablesCommand(inVpc))).RouteTables!;
  const routesOf = (subnetId: string): (string | undefined)[] =>
    tables
      .find(({ Associations }) => Associations?.some((one) => one.SubnetId === subnetId))!
      .Routes!.map(({ DestinationCidrBlock, DestinationPrefixListId }) =>
        DestinationPrefixListId === undefined ? DestinationCidrBlock : 'S3',
      )
      .toSorted();
  assert.deepEqual(routesOf(idOf('public1')), ['0.0.0.0/0', '10.0.0.0/16']);
  assert.deepEqual(routesOf(idOf('private1')), ['10.0.0.0/16', 'S3']);
  const doors = (await client.send(new ec2.DescribeVpcEndpointsCommand({}))).VpcEndpoints!;
  assert.deepEqual(
    doors.map(({ ServiceName, VpcEndpointType }) => `${VpcEndpointType} ${ServiceName}`).toSorted(),
    [
      'Gateway com.amazonaws.ap-southeast-1.s3',
      'Interface com.amazonaws.ap-southeast-1.ec2messages',
      'Interface com.amazonaws.ap-southeast-1.ssm',
      'Interface com.amazonaws.ap-southeast-1.ssmmessages',
    ],
  );
  const groups = (await client.send(new ec2.DescribeSecurityGroupsCommand(inVpc))).SecurityGroups!;
  const ours = groups.filter(({ GroupName }) => GroupName !== 'default');
  assert.deepEqual(ours.map(({ GroupName }) => GroupName).toSorted(), [
    'sg_Lambda_ETL',
    'sg_analytics_ShinyDWH',
    'sg_ec2_VPC_Interface_endpoint_SSM',
    'sg_oltp_webDB',
  ]);
  const isOpen = ours.some(({ IpPermissions }) =>
    IpPermissions?.some(({ IpRanges }) => IpRanges?.some(({ CidrIp }) => CidrIp === '0.0.0.0/0')),
  );
  assert.ok(!isOpen, 'nothing is open to the world');
});

test('both servers run, and only one of them has a public address', async () => {
  const client = new ec2.EC2Client(settingsFor(stand.aws));
  const { Reservations } = await client.send(new ec2.DescribeInstancesCommand({}));
  const servers = Reservations!.flatMap(({ Instances }) => Instances ?? []);
  assert.deepEqual(servers.map((one) => [nameOf(one), one.State?.Name]).toSorted(), [
    ['SBW_EC2_ShinyDWH', 'running'],
    ['SBW_EC2_WebDB', 'running'],
  ]);
  const publicOnes = servers.filter(({ PublicIpAddress }) => PublicIpAddress !== undefined);
  assert.deepEqual(publicOnes.map(nameOf), ['SBW_EC2_WebDB']);
  for (const { MetadataOptions } of servers) assert.equal(MetadataOptions?.HttpTokens, 'required');
  const { Volumes } = await client.send(new ec2.DescribeVolumesCommand({}));
  const data = Volumes!.filter(({ Attachments }) => Attachments?.[0]?.DeleteOnTermination === false);
  assert.equal(data.length, 2, 'data stands on volumes of its own');
});

test('buckets, functions, API, rule, alarms, logs and secrets are there by their names', async () => {
  const settings = settingsFor(stand.aws);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const names = (await s3.send(new ListBucketsCommand({}))).Buckets!.map(({ Name }) => Name!).toSorted();
  const place = `${stand.aws.accountId}-${stand.aws.region}`;
  assert.deepEqual(names, [`clickstream-s3-ingest-${place}`, `clickstream-s3-sbw-${place}`]);
  const versioning = await s3.send(new GetBucketVersioningCommand({ Bucket: names[0]! }));
  assert.equal(versioning.Status, 'Enabled');

  const lambda = new LambdaClient(settings);
  const functionOf = async (FunctionName: string) =>
    (await lambda.send(new GetFunctionCommand({ FunctionName }))).Configuration!;
  const [ingest, etl] = [await functionOf('clickstream-lambda-ingest'), await functionOf('SBW_Lamda_ETL')];
  assert.deepEqual(Object.keys(ingest.Environment!.Variables!).toSorted(), [
    'ALLOWED_ORIGINS',
    'RAW_BUCKET_NAME',
  ]);
  assert.deepEqual(Object.keys(etl.Environment!.Variables!).toSorted(), [
    'DWH_CA_PARAMETER',
    'DWH_DATABASE',
    'DWH_HOST',
    'DWH_PASSWORD_PARAMETER',
    'DWH_PORT',
    'DWH_USER',
    'RAW_BUCKET',
    'RAW_BUCKET_NAME',
  ]);
  assert.equal(ingest.VpcConfig?.SubnetIds?.length ?? 0, 0);
  assert.equal(etl.VpcConfig?.SubnetIds?.length, 1);

  const api = new ApiGatewayV2Client(settings);
  const [door, ...others] = (await api.send(new GetApisCommand({}))).Items!;
  assert.deepEqual([door?.Name, others.length], ['clickstream-http-api', 0]);
  const routes = (await api.send(new GetRoutesCommand({ ApiId: door!.ApiId! }))).Items!;
  assert.deepEqual(
    routes.map(({ RouteKey }) => RouteKey),
    ['POST /clickstream'],
  );

  const events = new EventBridgeClient(settings);
  const rule = await events.send(new DescribeRuleCommand({ Name: 'SBW_ETL_HOURLY_RULE' }));
  assert.deepEqual([rule.ScheduleExpression, rule.State], ['rate(1 hour)', 'ENABLED']);
  const targets = await events.send(new ListTargetsByRuleCommand({ Rule: 'SBW_ETL_HOURLY_RULE' }));
  assert.deepEqual(
    targets.Targets!.map(({ Arn }) => Arn),
    [etl.FunctionArn],
  );

  const alarms = await new CloudWatchClient(settings).send(new DescribeAlarmsCommand({}));
  assert.equal(alarms.MetricAlarms!.length, 4);
  const groups = await new CloudWatchLogsClient(settings).send(new DescribeLogGroupsCommand({}));
  for (const { logGroupName, retentionInDays } of groups.logGroups!) {
    assert.ok((retentionInDays ?? 0) > 0, `${logGroupName} is kept for ever`);
  }
  const parameters = await new SSMClient(settings).send(new DescribeParametersCommand({}));
  const own = parameters.Parameters!.filter(({ Name }) => !Name!.startsWith('/aws/'));
  assert.deepEqual(own.map(({ Name, Type }) => `${Type} ${Name}`).toSorted(), [
    'SecureString /sbw/dev/dwh/ca-key',
    'SecureString /sbw/dev/dwh/etl-password',
    'SecureString /sbw/dev/webdb/password',
    'String /sbw/dev/dwh/ca-certificate',
    'String /sbw/dev/dwh/release',
  ]);
});

test('the same deploy again has nothing to do', async () => {
  const { code, stdout } = await runSbw(ctx, 'deploy', '--set', 'ec2Messages=true');
  assert.equal(code, 0);
  assert.match(stdout, /nothing to do: 7 stacks up to date/);
});

test('teardown takes all of it away, and finds nothing left', async () => {
  const { code, stdout, stderr } = await runSbw(ctx, 'teardown', '--confirm', 'dev', '--json');
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(stand.aws.residue(), []);
  const standing = [...stand.aws.world.stacks.values()].filter(({ deletedAt }) => deletedAt === null);
  assert.deepEqual(standing, []);
});

test('and it can be deployed anew', async () => {
  const { code, stderr } = await runSbw(ctx, 'deploy', '--yes');
  assert.equal(code, 0, stderr);
});

test('a protected stage is protected from everybody, also after its first deploy', async () => {
  const deployed = await runSbw(ctx, 'deploy', '--yes', '--stage', 'prod', '--only', 'storage,network');
  assert.equal(deployed.code, 0, deployed.stderr);
  const stacks = [...stand.aws.world.stacks.values()].filter(({ name }) => name.startsWith('sbw-prod-'));
  assert.deepEqual(
    stacks.map(({ isProtected }) => isProtected),
    [true, true],
  );
  const refused = await runSbw(ctx, 'teardown', '--stage', 'prod', '--confirm', 'prod');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /STAGE_PROTECTED/);
});
