import { DeleteStackCommand, type Stack } from '@aws-sdk/client-cloudformation';
import * as ec2 from '@aws-sdk/client-ec2';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Bench, roleOf, settingsFor, startBench, templateOf } from './testing/stacks.ts';
import { network, server } from './testing/template.ts';

let bench: Bench;
let client: ec2.EC2Client;
let lambda: LambdaClient;
beforeEach(async () => {
  bench = await startBench();
  client = new ec2.EC2Client(settingsFor(bench.aws));
  lambda = new LambdaClient(settingsFor(bench.aws));
});
afterEach(async () => {
  client.destroy();
  lambda.destroy();
  await bench.close();
});

const outputs = {
  Outputs: { Subnet: { Value: { Ref: 'Subnet' } }, Group: { Value: { 'Fn::GetAtt': ['Group', 'GroupId'] } } },
};

interface Place {
  readonly Subnet: string;
  readonly Group: string;
}

async function deployNetwork(): Promise<Place> {
  const { Outputs } = await bench.deploy('network', templateOf(network, outputs));
  return Object.fromEntries(
    Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]),
  ) as unknown as Place;
}

/** A function with its role in a VPC, as a stack. */
async function deployFunction({ Subnet, Group }: Place): Promise<void> {
  const function_ = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'etl',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => 1' },
      VpcConfig: { SubnetIds: [Subnet], SecurityGroupIds: [Group] },
    },
  };
  const { StackStatus } = await bench.deploy(
    'etl',
    templateOf({ Role: roleOf('lambda'), Function: function_ }),
  );
  assert.equal(StackStatus, 'CREATE_COMPLETE');
}

const cards = async (): Promise<ec2.NetworkInterface[]> => {
  const Filters = [{ Name: 'description', Values: ['AWS Lambda VPC ENI-*'] }];
  const { NetworkInterfaces } = await client.send(new ec2.DescribeNetworkInterfacesCommand({ Filters }));
  return NetworkInterfaces!;
};

const leave = async (): Promise<void> => {
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'etl',
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    }),
  );
};

test('CloudFormation waits for the cards of a function that it deletes', async () => {
  await deployFunction(await deployNetwork());
  assert.equal((await cards()).length, 1);
  const startedAt = bench.aws.clock.now().getTime();
  assert.equal((await bench.remove('etl')).StackStatus, 'DELETE_COMPLETE');
  const deletedAt = (await bench.stack([...bench.aws.world.stacks.keys()].at(-1)!)).DeletionTime!.getTime();
  assert.ok(deletedAt - startedAt >= 20 * 60_000);
  assert.equal((await cards()).length, 0);
});

test('a caller who may not see cards does not wait, and the network cannot go yet', async () => {
  await deployFunction(await deployNetwork());
  bench.aws.deny('ec2:DescribeNetworkInterfaces');
  assert.equal((await removeWithin('etl', 3)).StackStatus, 'DELETE_COMPLETE');
  assert.equal((await removeWithin('network', 13)).StackStatus, 'DELETE_FAILED');
  const events = await bench.events('network');
  assert.ok(
    events.some((event) => /Subnet DELETE_FAILED .*has dependencies and cannot be deleted/.test(event)),
  );
  assert.ok(events.some((event) => /Group DELETE_FAILED .*has a dependent object/.test(event)));
});

async function removeWithin(stackName: string, minutes: number): Promise<Stack> {
  const { StackId } = await bench.stack(stackName);
  await bench.client.send(new DeleteStackCommand({ StackName: stackName }));
  bench.aws.clock.advance(minutes);
  return bench.stack(StackId!);
}

test('cards of a function that left the VPC are in use, then available, then gone', async () => {
  await deployFunction(await deployNetwork());
  await leave();
  const [card] = await cards();
  const remove = () =>
    client.send(new ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: card!.NetworkInterfaceId! }));
  assert.equal(card?.Status, 'in-use');
  await assert.rejects(remove(), /is currently in use/);
  bench.aws.clock.advance(9);
  assert.equal((await cards())[0]?.Status, 'available');
  bench.aws.clock.advance(12);
  assert.equal((await cards()).length, 0);
});

test('CloudFormation tries for a while, and gets through when the cards go meanwhile', async () => {
  await deployFunction(await deployNetwork());
  await leave();
  bench.aws.clock.advance(13);
  assert.equal((await bench.remove('network')).StackStatus, 'DELETE_COMPLETE');
});

test('an available card can be deleted by hand; without its role it stays for ever', async () => {
  await deployFunction(await deployNetwork());
  await leave();
  assert.equal((await removeWithin('etl', 2)).StackStatus, 'DELETE_COMPLETE');
  bench.aws.clock.advance(60);
  const [card] = await cards();
  assert.equal(card?.Status, 'available');
  await client.send(new ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: card.NetworkInterfaceId! }));
  assert.equal((await cards()).length, 0);
  assert.equal((await bench.remove('network')).StackStatus, 'DELETE_COMPLETE');
});

test('EC2 refuses what something else still uses', async () => {
  const { Subnet, Group } = await deployNetwork();
  await deployFunction({ Subnet, Group });
  const { Vpcs } = await client.send(
    new ec2.DescribeVpcsCommand({
      Filters: [{ Name: 'tag:aws:cloudformation:stack-name', Values: ['network'] }],
    }),
  );
  for (const command of [
    new ec2.DeleteVpcCommand({ VpcId: Vpcs![0]!.VpcId! }),
    new ec2.DeleteSubnetCommand({ SubnetId: Subnet }),
    new ec2.DeleteSecurityGroupCommand({ GroupId: Group }),
  ]) {
    await assert.rejects(client.send(command as ec2.DeleteVpcCommand), { name: 'DependencyViolation' });
  }
  await assert.rejects(client.send(new ec2.DescribeVpcsCommand({ VpcIds: ['vpc-0'] })), {
    name: 'InvalidVpcID.NotFound',
  });
  await assert.rejects(
    client.send(new ec2.DescribeVpcsCommand({ Filters: [{ Name: 'vpcid', Values: ['x'] }] })),
    /The filter 'vpcid' is invalid/,
  );
});

test('a server boots, signals, and takes its own disk with it; its data is kept as a snapshot', async () => {
  assert.equal(
    (await bench.deploy('host', templateOf({ ...network, ...server }))).StackStatus,
    'CREATE_COMPLETE',
  );
  const { Reservations } = await client.send(new ec2.DescribeInstancesCommand({}));
  assert.equal(Reservations?.[0]?.Instances?.[0]?.State?.Name, 'running');
  assert.equal(Reservations[0].Instances[0].BlockDeviceMappings?.length, 2);
  assert.equal((await bench.remove('host')).StackStatus, 'DELETE_COMPLETE');
  assert.deepEqual(
    bench.aws.residue().map(({ type }) => type),
    ['AWS::EC2::Snapshot'],
  );
});

test('a server that reports a failure, and one that never reports', async () => {
  bench.aws.setHost({ status: 'FAILURE', reason: 'E: Unable to locate package' });
  assert.equal(
    (await bench.deploy('host', templateOf({ ...network, ...server }))).StackStatus,
    'ROLLBACK_COMPLETE',
  );
  const failed = (await bench.events('host')).find((event) => event.startsWith('Ready CREATE_FAILED'));
  assert.match(
    failed ?? '',
    /received failed message: 'E: Unable to locate package' for uniqueId: first-boot/,
  );
  bench.aws.setHost({ signalAfter: null });
  assert.equal(
    (await bench.deploy('mute', templateOf({ ...network, ...server }))).StackStatus,
    'ROLLBACK_COMPLETE',
  );
  const timedOut = (await bench.events('mute')).find((event) => event.startsWith('Ready CREATE_FAILED'));
  assert.match(timedOut ?? '', /WaitCondition timed out. Received 0 conditions when expecting 1/);
});

test('the address of a wait condition takes a signal without any keys', async () => {
  bench.aws.setHost({ signalAfter: null });
  await bench.execute(await bench.plan('host', templateOf({ ...network, ...server })));
  bench.aws.clock.advance(10);
  const url = bench.aws.world.things.all('AWS::CloudFormation::WaitConditionHandle')[0]!.id;
  const body = JSON.stringify({ Status: 'SUCCESS', Reason: 'ready', UniqueId: 'me', Data: '' });
  assert.equal((await fetch(url, { method: 'PUT', body })).status, 200);
  assert.equal((await fetch(`${url}x`, { method: 'PUT', body })).status, 403);
  bench.aws.clock.finish();
  assert.equal((await bench.stack('host')).StackStatus, 'CREATE_COMPLETE');
});

test('a gateway stays attached while a public address points into its network', async () => {
  const open = {
    Gateway: { Type: 'AWS::EC2::InternetGateway' },
    Attachment: {
      Type: 'AWS::EC2::VPCGatewayAttachment',
      Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: 'Gateway' } },
    },
    Address: {
      Type: 'AWS::EC2::EIP',
      DependsOn: 'Attachment',
      Properties: { InstanceId: { Ref: 'Server' } },
    },
  };
  await bench.deploy('open', templateOf({ ...network, ...server, ...open }));
  const [vpc] = bench.aws.world.things.all('AWS::EC2::VPC').filter(({ isImplicit }) => isImplicit !== true);
  const [gateway] = bench.aws.world.things.all('AWS::EC2::InternetGateway');
  await assert.rejects(
    client.send(new ec2.DetachInternetGatewayCommand({ InternetGatewayId: gateway!.id, VpcId: vpc!.id })),
    /has some mapped public address/,
  );
  assert.equal((await bench.remove('open')).StackStatus, 'DELETE_COMPLETE');
});
