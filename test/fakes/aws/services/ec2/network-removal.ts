import type * as sdk from '@aws-sdk/client-ec2';
import { deleteEndpoint } from '../../resources/ec2/endpoint.ts';
import { deleteCard, requireGroup } from '../../resources/ec2/network-card.ts';
import { securityGroup } from '../../resources/ec2/security-group.ts';
import {
  ENDPOINT,
  GATEWAY,
  ROUTE_TABLE,
  detachGateway,
  gateway,
  requireSubnet,
  requireVpc,
  routeTable,
  subnet,
  vpc,
} from '../../resources/ec2/vpc.ts';
import { AwsFault } from '../../wire/fault.ts';
import { text } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { missing, stopAtDryRun } from './filters.ts';

const noSuchTable = missing('InvalidRouteTableID.NotFound', 'routeTable ID');
const noSuchGateway = missing('InvalidInternetGatewayID.NotFound', 'internetGateway ID');

/** How networks are taken down by hand. */
export const networkRemoval = {
  DeleteNetworkInterface(
    { NetworkInterfaceId, DryRun }: sdk.DeleteNetworkInterfaceRequest,
    world: World,
  ): void {
    stopAtDryRun(DryRun);
    deleteCard(world, NetworkInterfaceId!);
  },

  DeleteVpc({ VpcId, DryRun }: sdk.DeleteVpcRequest, world: World): void {
    stopAtDryRun(DryRun);
    vpc.remove(requireVpc(world, VpcId!), world);
  },

  DeleteSubnet({ SubnetId, DryRun }: sdk.DeleteSubnetRequest, world: World): void {
    stopAtDryRun(DryRun);
    subnet.remove(requireSubnet(world, SubnetId!), world);
  },

  DeleteRouteTable({ RouteTableId, DryRun }: sdk.DeleteRouteTableRequest, world: World): void {
    stopAtDryRun(DryRun);
    routeTable.remove(
      world.require(ROUTE_TABLE, RouteTableId!, () => noSuchTable(RouteTableId!)),
      world,
    );
  },

  DetachInternetGateway({ InternetGatewayId, VpcId }: sdk.DetachInternetGatewayRequest, world: World): void {
    const found = world.require(GATEWAY, InternetGatewayId!, () => noSuchGateway(InternetGatewayId!));
    if (text(found.attributes, 'AttachedTo') !== VpcId) {
      throw new AwsFault(
        'Gateway.NotAttached',
        `resource ${InternetGatewayId!} is not attached to network ${VpcId!}`,
      );
    }
    detachGateway(world, InternetGatewayId!, VpcId);
  },

  DeleteInternetGateway({ InternetGatewayId }: sdk.DeleteInternetGatewayRequest, world: World): void {
    gateway.remove(
      world.require(GATEWAY, InternetGatewayId!, () => noSuchGateway(InternetGatewayId!)),
      world,
    );
  },

  DeleteVpcEndpoints(
    { VpcEndpointIds }: sdk.DeleteVpcEndpointsRequest,
    world: World,
  ): sdk.DeleteVpcEndpointsResult {
    const Unsuccessful = (VpcEndpointIds ?? []).flatMap((id) => {
      const found = world.things.find(ENDPOINT, id);
      if (found !== undefined) {
        deleteEndpoint(found, world);
        return [];
      }
      const { code, message } = missing('InvalidVpcEndpoint.NotFound', 'Vpc Endpoint Id')(id);
      return [{ ResourceId: id, Error: { Code: code, Message: message } }];
    });
    return { Unsuccessful };
  },

  DeleteSecurityGroup(
    { GroupId, DryRun }: sdk.DeleteSecurityGroupRequest,
    world: World,
  ): sdk.DeleteSecurityGroupResult {
    stopAtDryRun(DryRun);
    const found = requireGroup(world, GroupId!);
    if (text(found.properties, 'GroupName') === 'default') {
      throw new AwsFault(
        'CannotDelete',
        `the specified group: "${GroupId!}" name: "default" cannot be deleted by a user`,
      );
    }
    securityGroup.remove(found, world);
    return { Return: true, GroupId: GroupId! };
  },

  RevokeSecurityGroupIngress: (input: sdk.RevokeSecurityGroupIngressRequest, world: World) =>
    revoke(world, input.GroupId!, 'SecurityGroupIngress'),

  RevokeSecurityGroupEgress: (input: sdk.RevokeSecurityGroupEgressRequest, world: World) =>
    revoke(world, input.GroupId!, 'SecurityGroupEgress'),
};

/** Takes every rule of one direction away, which is what a clean-up asks for. */
function revoke(world: World, groupId: string, direction: string): { Return: boolean } {
  const group = requireGroup(world, groupId);
  group.properties = { ...group.properties, [direction]: [] };
  for (const rule of world.using(`AWS::EC2::${direction}`, 'GroupId', groupId)) world.things.remove(rule);
  return { Return: true };
}
