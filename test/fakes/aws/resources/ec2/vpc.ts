import { AwsFault } from '../../wire/fault.ts';
import { hexId } from '../../world/ids.ts';
import { optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { type Draft, dependencyViolation, resourceType } from '../resource-type.ts';

export const VPC = 'AWS::EC2::VPC';
export const SUBNET = 'AWS::EC2::Subnet';
export const ROUTE_TABLE = 'AWS::EC2::RouteTable';
export const GATEWAY = 'AWS::EC2::InternetGateway';
export const GROUP = 'AWS::EC2::SecurityGroup';
export const CARD = 'AWS::EC2::NetworkInterface';
export const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';

const noSuchVpc = (id: string) => () =>
  new AwsFault('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);

/** @throws AwsFault InvalidVpcID.NotFound */
export function requireVpc(world: World, id: string): Thing {
  return world.require(VPC, id, noSuchVpc(id));
}

/** @throws AwsFault InvalidSubnetID.NotFound */
export function requireSubnet(world: World, id: string): Thing {
  const fault = (): AwsFault =>
    new AwsFault('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  return world.require(SUBNET, id, fault);
}

/** A thing of EC2 with an id of its own, as the draft wants it. */
export function addEc2(world: World, draft: Draft, prefix: string, noun: string, state = 'available'): Thing {
  const id = hexId(prefix);
  return world.add({
    type: `AWS::EC2::${noun}`,
    id,
    arn: world.arn('ec2', `${ARN_NOUNS[noun] ?? noun.toLowerCase()}/${id}`),
    properties: draft.properties,
    tags: { ...draft.tags },
    state,
  });
}

const ARN_NOUNS: Readonly<Record<string, string>> = {
  RouteTable: 'route-table',
  InternetGateway: 'internet-gateway',
  SecurityGroup: 'security-group',
  VPCEndpoint: 'vpc-endpoint',
  NetworkInterface: 'network-interface',
};

export const vpc = resourceType({
  type: VPC,
  actions: 'ec2:Vpc',
  minutes: { create: 0.3 },
  create: (draft, world) => {
    if (world.things.all(VPC).length >= world.settings.vpcLimit) {
      throw new AwsFault('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
    }
    const made = addEc2(world, draft, 'vpc', 'VPC');
    const group = hexId('sg');
    const common = { tags: {}, isImplicit: true } as const;
    world.add({
      ...common,
      type: GROUP,
      id: group,
      arn: world.arn('ec2', `security-group/${group}`),
      properties: { GroupName: 'default', GroupDescription: 'default VPC security group', VpcId: made.id },
    });
    const table = hexId('rtb');
    world.add({
      ...common,
      type: ROUTE_TABLE,
      id: table,
      arn: world.arn('ec2', `route-table/${table}`),
      properties: { VpcId: made.id, IsMain: true },
    });
    made.attributes = { VpcId: made.id, DefaultSecurityGroup: group };
    return made;
  },
  remove: (thing, world) => {
    const isUsed = [SUBNET, GROUP, ROUTE_TABLE, CARD, ENDPOINT].some((type) =>
      world.using(type, 'VpcId', thing.id).some(({ isImplicit }) => isImplicit !== true),
    );
    const hasGateway = world.things
      .all(GATEWAY)
      .some(({ attributes }) => text(attributes, 'AttachedTo') === thing.id);
    if (isUsed || hasGateway) {
      throw dependencyViolation(`The vpc '${thing.id}' has dependencies and cannot be deleted.`);
    }
    for (const type of [GROUP, ROUTE_TABLE]) {
      for (const implicit of world.using(type, 'VpcId', thing.id)) world.things.remove(implicit);
    }
    world.things.remove(thing);
  },
});

export const subnet = resourceType({
  type: SUBNET,
  actions: 'ec2:Subnet',
  create: (draft, world) => {
    const vpcId = text(draft.properties, 'VpcId');
    requireVpc(world, vpcId);
    const cidr = text(draft.properties, 'CidrBlock');
    const zone = optionalText(draft.properties, 'AvailabilityZone') ?? `${world.region}a`;
    if (!world.settings.zones.some((letter) => `${world.region}${letter}` === zone)) {
      throw new AwsFault(
        'InvalidParameterValue',
        `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${world.settings.zones.map((letter) => world.region + letter).join(', ')}.`,
      );
    }
    if (
      world.using(SUBNET, 'VpcId', vpcId).some(({ properties }) => text(properties, 'CidrBlock') === cidr)
    ) {
      throw new AwsFault('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
    }
    const made = addEc2(world, draft, 'subnet', 'Subnet');
    made.attributes = { SubnetId: made.id, AvailabilityZone: zone };
    return made;
  },
  remove: (thing, world) => {
    if (world.using(CARD, 'SubnetId', thing.id).length > 0) {
      throw dependencyViolation(`The subnet '${thing.id}' has dependencies and cannot be deleted.`);
    }
    for (const association of world.using(ASSOCIATION, 'SubnetId', thing.id))
      world.things.remove(association);
    world.things.remove(thing);
  },
});

export const routeTable = resourceType({
  type: ROUTE_TABLE,
  actions: 'ec2:RouteTable',
  create: (draft, world) => {
    requireVpc(world, text(draft.properties, 'VpcId'));
    const made = addEc2(world, draft, 'rtb', 'RouteTable');
    made.attributes = { RouteTableId: made.id };
    return made;
  },
  remove: (thing, world) => {
    if (world.using(ASSOCIATION, 'RouteTableId', thing.id).length > 0) {
      throw dependencyViolation(`The routeTable '${thing.id}' has dependencies and cannot be deleted.`);
    }
    for (const one of world.using('AWS::EC2::Route', 'RouteTableId', thing.id)) world.things.remove(one);
    world.things.remove(thing);
  },
});

export const route = resourceType({
  type: 'AWS::EC2::Route',
  actions: 'ec2:Route',
  isTaggable: false,
  create: ({ properties }, world) => {
    const table = text(properties, 'RouteTableId');
    const { properties: ofTable } = world.require(
      ROUTE_TABLE,
      table,
      () => new AwsFault('InvalidRouteTableID.NotFound', `The routeTable ID '${table}' does not exist`),
    );
    const gatewayId = optionalText(properties, 'GatewayId');
    if (gatewayId !== undefined) {
      const gateway = world.things.find(GATEWAY, gatewayId);
      if (text(gateway?.attributes ?? {}, 'AttachedTo') !== text(ofTable, 'VpcId')) {
        throw new AwsFault(
          'InvalidParameterValue',
          `route table ${table} and network gateway ${gatewayId} belong to different networks`,
        );
      }
    }
    const id = `${table}|${text(properties, 'DestinationCidrBlock')}`;
    if (world.things.find('AWS::EC2::Route', id) !== undefined) {
      throw new AwsFault('RouteAlreadyExists', 'The route identified by the destination already exists.');
    }
    return world.add({ type: 'AWS::EC2::Route', id, arn: '', properties });
  },
});

export const association = resourceType({
  type: ASSOCIATION,
  actions: {
    create: 'ec2:AssociateRouteTable',
    update: 'ec2:ReplaceRouteTableAssociation',
    delete: 'ec2:DisassociateRouteTable',
  },
  isTaggable: false,
  create: ({ properties }, world) => {
    requireSubnet(world, text(properties, 'SubnetId'));
    return world.add({ type: ASSOCIATION, id: hexId('rtbassoc'), arn: '', properties });
  },
});

export const gateway = resourceType({
  type: GATEWAY,
  actions: 'ec2:InternetGateway',
  create: (draft, world) => {
    const made = addEc2(world, draft, 'igw', 'InternetGateway');
    made.attributes = { InternetGatewayId: made.id };
    return made;
  },
  remove: (thing, world) => {
    if (text(thing.attributes, 'AttachedTo') !== '') {
      throw dependencyViolation(`The internetGateway '${thing.id}' has dependencies and cannot be deleted.`);
    }
    world.things.remove(thing);
  },
});

export const gatewayAttachment = resourceType({
  type: 'AWS::EC2::VPCGatewayAttachment',
  actions: {
    create: 'ec2:AttachInternetGateway',
    update: 'ec2:AttachInternetGateway',
    delete: 'ec2:DetachInternetGateway',
  },
  isTaggable: false,
  create: ({ properties }, world) => {
    const vpcId = text(properties, 'VpcId');
    requireVpc(world, vpcId);
    const id = text(properties, 'InternetGatewayId');
    const attached = world.require(
      GATEWAY,
      id,
      () =>
        new AwsFault('InvalidInternetGatewayID.NotFound', `The internetGateway ID '${id}' does not exist`),
    );
    attached.attributes = { ...attached.attributes, AttachedTo: vpcId };
    return world.add({ type: 'AWS::EC2::VPCGatewayAttachment', id: `IGW|${vpcId}`, arn: '', properties });
  },
  remove: (thing, world) => {
    detachGateway(world, text(thing.properties, 'InternetGatewayId'), text(thing.properties, 'VpcId'));
    world.things.remove(thing);
  },
});

/** @throws AwsFault DependencyViolation while a public address points into the VPC */
export function detachGateway(world: World, gatewayId: string, vpcId: string): void {
  const isMapped = world
    .using(CARD, 'VpcId', vpcId)
    .some(({ attributes }) => text(attributes, 'PublicIp') !== '');
  if (isMapped) {
    throw dependencyViolation(
      `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  }
  const attached = world.things.find(GATEWAY, gatewayId);
  if (attached !== undefined) attached.attributes = { InternetGatewayId: gatewayId };
}
