import * as ec2 from '@aws-sdk/client-ec2';

export interface Ec2Question {
  readonly action: string;
  ask(client: ec2.EC2Client, id: string): Promise<boolean>;
}

const has = (found: readonly unknown[] | undefined): boolean => (found ?? []).length > 0;

/** How EC2 is asked for one thing, by the noun of its ARN. What is not there is an error of its own name. */
export const EC2_QUESTIONS: Readonly<Record<string, Ec2Question>> = {
  instance: {
    action: 'DescribeInstances',
    ask: async (client, id) => {
      const { Reservations } = await client.send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
      const found = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
      return found.some(({ State }) => State?.Name !== 'terminated');
    },
  },
  volume: {
    action: 'DescribeVolumes',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes),
  },
  snapshot: {
    action: 'DescribeSnapshots',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots),
  },
  vpc: {
    action: 'DescribeVpcs',
    ask: async (client, id) => has((await client.send(new ec2.DescribeVpcsCommand({ VpcIds: [id] }))).Vpcs),
  },
  subnet: {
    action: 'DescribeSubnets',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets),
  },
  'security-group': {
    action: 'DescribeSecurityGroups',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups),
  },
  'route-table': {
    action: 'DescribeRouteTables',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] }))).RouteTables),
  },
  'internet-gateway': {
    action: 'DescribeInternetGateways',
    ask: async (client, id) =>
      has(
        (await client.send(new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] })))
          .InternetGateways,
      ),
  },
  'network-interface': {
    action: 'DescribeNetworkInterfaces',
    ask: async (client, id) =>
      has(
        (await client.send(new ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })))
          .NetworkInterfaces,
      ),
  },
  'vpc-endpoint': {
    action: 'DescribeVpcEndpoints',
    ask: async (client, id) => {
      const { VpcEndpoints } = await client.send(
        new ec2.DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }),
      );
      return (VpcEndpoints ?? []).some(({ State }) => State?.toLowerCase() !== 'deleted');
    },
  },
  'elastic-ip': {
    action: 'DescribeAddresses',
    ask: async (client, id) =>
      has((await client.send(new ec2.DescribeAddressesCommand({ AllocationIds: [id] }))).Addresses),
  },
};
