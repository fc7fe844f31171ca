import * as sdk from '@aws-sdk/client-ec2';
import type { NetworkCard, Networks, VpcContent, VpcContentKind } from '../../../stacks/ports/networks.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, tagsFrom, unlessGone } from '../call.ts';

/** EC2 through the SDK, always within one VPC. */
export function openNetworks(settings: SdkSettings): Networks & { close(): void } {
  const client = new sdk.EC2Client(settings);
  return {
    describeVpc: (id) =>
      unlessGone('ec2:DescribeVpcs', null, async () => {
        const { Vpcs } = await client.send(new sdk.DescribeVpcsCommand({ VpcIds: [id] }));
        const [found] = Vpcs ?? [];
        if (found === undefined) return null;
        return { id, isDefault: found.IsDefault === true, tags: tagsFrom(found.Tags) };
      }),
    listCards: (vpcId) => listCards(client, vpcId),
    deleteCard: (id) =>
      unlessGone('ec2:DeleteNetworkInterface', true, async () => {
        try {
          await client.send(new sdk.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
          return true;
        } catch (error) {
          // EC2's words for "in use", while it attaches it again or has not let go yet.
          const isUsed = /^(InvalidParameterValue|InvalidNetworkInterface\.InUse|OperationNotPermitted)$/;
          if (isUsed.test((error as Error).name)) return false;
          throw error;
        }
      }),
    listContents: async (vpcId) => {
      const found = await Promise.all(CONTENTS.map((list) => list(client, vpcId)));
      return found.flat();
    },
    // By filter: asked by id, one that is gone would be an error for all.
    listVolumes: async (ids) => {
      const found: { id: string; gigabytes: number }[] = [];
      const pages = pagesOf((NextToken) =>
        call('ec2:DescribeVolumes', () =>
          client.send(
            new sdk.DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: [...ids] }], NextToken }),
          ),
        ),
      );
      for await (const { Volumes } of pages) {
        found.push(...(Volumes ?? []).map(({ VolumeId, Size }) => ({ id: VolumeId!, gigabytes: Size ?? 0 })));
      }
      return found;
    },
    close: () => client.destroy(),
  };
}

type List = (client: sdk.EC2Client, vpcId: string) => Promise<VpcContent[]>;

interface Listing<P> {
  readonly kind: VpcContentKind;
  readonly action: string;
  /** EC2 names the filter differently for gateways. */
  readonly filter?: string;
  ask(client: sdk.EC2Client, request: { Filters: sdk.Filter[]; NextToken: string | undefined }): Promise<P>;
  shape(page: P): readonly (Omit<VpcContent, 'kind'> | null)[];
}

function listing<P extends { NextToken?: string | undefined }>(one: Listing<P>): List {
  return async (client, vpcId) => {
    const Filters = [{ Name: one.filter ?? 'vpc-id', Values: [vpcId] }];
    const found: VpcContent[] = [];
    const pages = pagesOf((NextToken) =>
      call(`ec2:${one.action}`, () => one.ask(client, { Filters, NextToken })),
    );
    for await (const page of pages) {
      const shapes = one.shape(page).filter((shape) => shape !== null);
      found.push(...shapes.map((shape) => ({ kind: one.kind, ...shape })));
    }
    return found;
  };
}

const nameIn = (tags: sdk.Tag[] | undefined): string => tagsFrom(tags)['Name'] ?? '';

const CONTENTS: readonly List[] = [
  listing({
    kind: 'instance',
    action: 'DescribeInstances',
    ask: (client, request) => client.send(new sdk.DescribeInstancesCommand(request)),
    // Terminated ones are shown for an hour, and are gone.
    shape: ({ Reservations }) =>
      (Reservations ?? [])
        .flatMap(({ Instances }) => Instances ?? [])
        .map(({ InstanceId, State, Tags }) =>
          State?.Name === 'terminated'
            ? null
            : { id: InstanceId!, name: `${nameIn(Tags)} ${State?.Name ?? ''}`.trim() },
        ),
  }),
  listing({
    kind: 'endpoint',
    action: 'DescribeVpcEndpoints',
    ask: (client, request) => client.send(new sdk.DescribeVpcEndpointsCommand(request)),
    shape: ({ VpcEndpoints }) =>
      (VpcEndpoints ?? []).map(({ VpcEndpointId, ServiceName, State }) =>
        // The model spells it differently from the service.
        State?.toLowerCase() === 'deleted' ? null : { id: VpcEndpointId!, name: ServiceName ?? '' },
      ),
  }),
  listing({
    kind: 'network-card',
    action: 'DescribeNetworkInterfaces',
    ask: (client, request) => client.send(new sdk.DescribeNetworkInterfacesCommand(request)),
    shape: ({ NetworkInterfaces }) =>
      (NetworkInterfaces ?? []).map(({ NetworkInterfaceId, Description, Status }) => ({
        id: NetworkInterfaceId!,
        name: `${Description ?? ''} (${Status ?? 'unknown'})`.trim(),
      })),
  }),
  listing({
    kind: 'internet-gateway',
    action: 'DescribeInternetGateways',
    filter: 'attachment.vpc-id',
    ask: (client, request) => client.send(new sdk.DescribeInternetGatewaysCommand(request)),
    shape: ({ InternetGateways }) =>
      (InternetGateways ?? []).map(({ InternetGatewayId, Tags }) => ({
        id: InternetGatewayId!,
        name: nameIn(Tags),
      })),
  }),
  listing({
    kind: 'subnet',
    action: 'DescribeSubnets',
    ask: (client, request) => client.send(new sdk.DescribeSubnetsCommand(request)),
    shape: ({ Subnets }) =>
      (Subnets ?? []).map(({ SubnetId, Tags }) => ({ id: SubnetId!, name: nameIn(Tags) })),
  }),
  listing({
    kind: 'security-group',
    action: 'DescribeSecurityGroups',
    ask: (client, request) => client.send(new sdk.DescribeSecurityGroupsCommand(request)),
    shape: ({ SecurityGroups }) =>
      (SecurityGroups ?? []).map(({ GroupId, GroupName }) =>
        GroupName === 'default' ? null : { id: GroupId!, name: GroupName ?? '' },
      ),
  }),
  listing({
    kind: 'route-table',
    action: 'DescribeRouteTables',
    ask: (client, request) => client.send(new sdk.DescribeRouteTablesCommand(request)),
    shape: ({ RouteTables }) =>
      (RouteTables ?? []).map(({ RouteTableId, Associations, Tags }) =>
        (Associations ?? []).some(({ Main }) => Main === true)
          ? null
          : { id: RouteTableId!, name: nameIn(Tags) },
      ),
  }),
];

async function listCards(client: sdk.EC2Client, vpcId: string): Promise<NetworkCard[]> {
  const found: NetworkCard[] = [];
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const pages = pagesOf((NextToken) =>
    call('ec2:DescribeNetworkInterfaces', () =>
      client.send(new sdk.DescribeNetworkInterfacesCommand({ Filters, NextToken })),
    ),
  );
  for await (const { NetworkInterfaces } of pages) {
    for (const card of NetworkInterfaces ?? []) {
      found.push({
        id: card.NetworkInterfaceId!,
        description: card.Description ?? '',
        status: card.Status ?? '',
        vpcId: card.VpcId ?? '',
        subnetId: card.SubnetId ?? '',
        securityGroupIds: (card.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
      });
    }
  }
  return found;
}
