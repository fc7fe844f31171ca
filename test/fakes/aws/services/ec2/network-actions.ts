import type * as sdk from '@aws-sdk/client-ec2';
import { CARD, ENDPOINT, GATEWAY, GROUP, ROUTE_TABLE, SUBNET, VPC } from '../../resources/ec2/vpc.ts';
import { flag, optionalText, text, texts } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { list, missing, tagsOf } from './filters.ts';
import { cardShape, groupShape, routeTableShape } from './network-shapes.ts';

/** What networks are made of. */
export const networkActions = {
  DescribeVpcs(input: sdk.DescribeVpcsRequest, world: World): sdk.DescribeVpcsResult {
    const { found, next } = list(world, {
      type: VPC,
      ids: input.VpcIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidVpcID.NotFound', 'vpc ID'),
      facets: ({ id, properties, state }) => ({
        'vpc-id': id,
        cidr: text(properties, 'CidrBlock'),
        'is-default': String(flag(properties, 'IsDefault')),
        state,
      }),
    });
    const Vpcs = found.map((thing) => ({
      VpcId: thing.id,
      CidrBlock: text(thing.properties, 'CidrBlock'),
      IsDefault: flag(thing.properties, 'IsDefault'),
      State: thing.state as sdk.VpcState,
      OwnerId: world.accountId,
      Tags: tagsOf(thing),
    }));
    return { Vpcs, ...next };
  },

  DescribeSubnets(input: sdk.DescribeSubnetsRequest, world: World): sdk.DescribeSubnetsResult {
    const { found, next } = list(world, {
      type: SUBNET,
      ids: input.SubnetIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidSubnetID.NotFound', 'subnet ID'),
      facets: ({ id, properties, attributes }) => ({
        'subnet-id': id,
        'vpc-id': text(properties, 'VpcId'),
        'cidr-block': text(properties, 'CidrBlock'),
        'availability-zone': text(attributes, 'AvailabilityZone'),
      }),
    });
    const Subnets = found.map((thing) => ({
      SubnetId: thing.id,
      VpcId: text(thing.properties, 'VpcId'),
      CidrBlock: text(thing.properties, 'CidrBlock'),
      AvailabilityZone: text(thing.attributes, 'AvailabilityZone'),
      MapPublicIpOnLaunch: flag(thing.properties, 'MapPublicIpOnLaunch'),
      State: 'available' as const,
      Tags: tagsOf(thing),
    }));
    return { Subnets, ...next };
  },

  DescribeRouteTables(input: sdk.DescribeRouteTablesRequest, world: World): sdk.DescribeRouteTablesResult {
    const { found, next } = list(world, {
      type: ROUTE_TABLE,
      ids: input.RouteTableIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidRouteTableID.NotFound', 'routeTable ID'),
      facets: ({ id, properties }) => ({
        'route-table-id': id,
        'vpc-id': text(properties, 'VpcId'),
        'association.main': String(flag(properties, 'IsMain')),
      }),
    });
    return { RouteTables: found.map((thing) => routeTableShape(world, thing)), ...next };
  },

  DescribeInternetGateways(
    input: sdk.DescribeInternetGatewaysRequest,
    world: World,
  ): sdk.DescribeInternetGatewaysResult {
    const { found, next } = list(world, {
      type: GATEWAY,
      ids: input.InternetGatewayIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidInternetGatewayID.NotFound', 'internetGateway ID'),
      facets: ({ id, attributes }) => ({
        'internet-gateway-id': id,
        'attachment.vpc-id': text(attributes, 'AttachedTo'),
      }),
    });
    const InternetGateways = found.map((thing) => {
      const VpcId = text(thing.attributes, 'AttachedTo');
      const Attachments = VpcId === '' ? [] : [{ VpcId, State: 'available' as sdk.AttachmentStatus }];
      return { InternetGatewayId: thing.id, Attachments, Tags: tagsOf(thing) };
    });
    return { InternetGateways, ...next };
  },

  DescribeVpcEndpoints(input: sdk.DescribeVpcEndpointsRequest, world: World): sdk.DescribeVpcEndpointsResult {
    const { found, next } = list(world, {
      type: ENDPOINT,
      ids: input.VpcEndpointIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidVpcEndpointId.NotFound', 'Vpc Endpoint Id'),
      facets: ({ id, properties, state }) => ({
        'vpc-endpoint-id': id,
        'vpc-id': text(properties, 'VpcId'),
        'service-name': text(properties, 'ServiceName'),
        'vpc-endpoint-type': optionalText(properties, 'VpcEndpointType') ?? 'Gateway',
        'vpc-endpoint-state': state,
      }),
    });
    const VpcEndpoints = found.map((thing) => ({
      VpcEndpointId: thing.id,
      VpcId: text(thing.properties, 'VpcId'),
      VpcEndpointType: (optionalText(thing.properties, 'VpcEndpointType') ??
        'Gateway') as sdk.VpcEndpointType,
      ServiceName: text(thing.properties, 'ServiceName'),
      State: thing.state as sdk.State,
      RouteTableIds: texts(thing.properties, 'RouteTableIds'),
      SubnetIds: texts(thing.properties, 'SubnetIds'),
      PolicyDocument: JSON.stringify(thing.properties['PolicyDocument'] ?? {}),
      NetworkInterfaceIds: world.using(CARD, 'Owner', thing.id).map(({ id }) => id),
      CreationTimestamp: thing.createdAt,
      Tags: tagsOf(thing),
    }));
    return { VpcEndpoints, ...next };
  },

  DescribeNetworkInterfaces(
    input: sdk.DescribeNetworkInterfacesRequest,
    world: World,
  ): sdk.DescribeNetworkInterfacesResult {
    const { found, next } = list(world, {
      type: CARD,
      ids: input.NetworkInterfaceIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidNetworkInterfaceID.NotFound', 'networkInterface ID'),
      facets: ({ id, properties, state, attributes }) => ({
        'network-interface-id': id,
        'vpc-id': text(properties, 'VpcId'),
        'subnet-id': text(properties, 'SubnetId'),
        'group-id': texts(properties, 'GroupSet'),
        description: text(properties, 'Description'),
        'interface-type': text(properties, 'InterfaceType'),
        status: state,
        'requester-id': text(attributes, 'RequesterId'),
      }),
    });
    return { NetworkInterfaces: found.map(cardShape), ...next };
  },

  DescribeSecurityGroups(
    input: sdk.DescribeSecurityGroupsRequest,
    world: World,
  ): sdk.DescribeSecurityGroupsResult {
    const { found, next } = list(world, {
      type: GROUP,
      ids: input.GroupIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidGroup.NotFound', 'security group'),
      facets: ({ id, properties }) => ({
        'group-id': id,
        'group-name': text(properties, 'GroupName'),
        'vpc-id': text(properties, 'VpcId'),
      }),
    });
    return { SecurityGroups: found.map((thing) => groupShape(world, thing)), ...next };
  },
};
