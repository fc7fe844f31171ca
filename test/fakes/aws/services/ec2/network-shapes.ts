import type * as sdk from '@aws-sdk/client-ec2';
import { ENDPOINT, VPC } from '../../resources/ec2/vpc.ts';
import { flag, items, optionalText, text, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { tagsOf } from './filters.ts';

export function routeTableShape(world: World, thing: Thing): sdk.RouteTable {
  const routes = world.using('AWS::EC2::Route', 'RouteTableId', thing.id).map(({ properties }) => ({
    DestinationCidrBlock: text(properties, 'DestinationCidrBlock'),
    GatewayId: text(properties, 'GatewayId'),
    State: 'active' as const,
  }));
  const doors = world.things
    .all(ENDPOINT)
    .filter(({ properties }) => texts(properties, 'RouteTableIds').includes(thing.id))
    .map(({ id }) => ({ DestinationPrefixListId: 'pl-6fa54006', GatewayId: id, State: 'active' as const }));
  const associations = world
    .using('AWS::EC2::SubnetRouteTableAssociation', 'RouteTableId', thing.id)
    .map(({ id, properties }) => ({
      RouteTableAssociationId: id,
      RouteTableId: thing.id,
      SubnetId: text(properties, 'SubnetId'),
      Main: false,
    }));
  const network = world.things.find(VPC, text(thing.properties, 'VpcId'));
  return {
    RouteTableId: thing.id,
    VpcId: text(thing.properties, 'VpcId'),
    Routes: [
      {
        DestinationCidrBlock: text(network?.properties ?? {}, 'CidrBlock'),
        GatewayId: 'local',
        State: 'active',
      },
      ...routes,
      ...doors,
    ],
    Associations: flag(thing.properties, 'IsMain') ? [{ RouteTableId: thing.id, Main: true }] : associations,
    Tags: tagsOf(thing),
  };
}

export function cardShape(thing: Thing): sdk.NetworkInterface {
  const { properties, attributes, state } = thing;
  const owner = text(properties, 'Owner');
  const PublicIp = text(attributes, 'PublicIp');
  return {
    NetworkInterfaceId: thing.id,
    VpcId: text(properties, 'VpcId'),
    SubnetId: text(properties, 'SubnetId'),
    AvailabilityZone: text(properties, 'AvailabilityZone'),
    Description: text(properties, 'Description'),
    InterfaceType: text(properties, 'InterfaceType') as sdk.NetworkInterfaceType,
    RequesterManaged: text(properties, 'InterfaceType') !== 'interface',
    RequesterId: text(attributes, 'RequesterId'),
    Status: state as sdk.NetworkInterfaceStatus,
    PrivateIpAddress: text(properties, 'PrivateIpAddress'),
    Groups: texts(properties, 'GroupSet').map((GroupId) => ({ GroupId })),
    TagSet: tagsOf(thing),
    ...(PublicIp === '' ? {} : { Association: { PublicIp } }),
    ...(state === 'in-use'
      ? {
          Attachment: {
            AttachmentId: `ela-attach-${thing.id.slice(-8)}`,
            Status: 'attached',
            ...(owner.startsWith('i-') ? { InstanceId: owner } : {}),
          },
        }
      : {}),
  };
}

export function groupShape(world: World, thing: Thing): sdk.SecurityGroup {
  const rules = (direction: 'SecurityGroupIngress' | 'SecurityGroupEgress'): sdk.IpPermission[] =>
    [
      ...items(thing.properties, direction),
      ...world.using(`AWS::EC2::${direction}`, 'GroupId', thing.id).map(({ properties }) => properties),
    ].map(ruleShape);
  return {
    GroupId: thing.id,
    GroupName: text(thing.properties, 'GroupName'),
    Description: text(thing.properties, 'GroupDescription'),
    VpcId: text(thing.properties, 'VpcId'),
    OwnerId: world.accountId,
    IpPermissions: rules('SecurityGroupIngress'),
    IpPermissionsEgress: rules('SecurityGroupEgress'),
    Tags: tagsOf(thing),
  };
}

function ruleShape(rule: Readonly<Record<string, unknown>>): sdk.IpPermission {
  const peer =
    optionalText(rule, 'SourceSecurityGroupId') ?? optionalText(rule, 'DestinationSecurityGroupId');
  const CidrIp = optionalText(rule, 'CidrIp');
  return {
    IpProtocol: text(rule, 'IpProtocol'),
    ...(rule['FromPort'] === undefined
      ? {}
      : { FromPort: Number(rule['FromPort']), ToPort: Number(rule['ToPort']) }),
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
    UserIdGroupPairs: peer === undefined ? [] : [{ GroupId: peer }],
  };
}
