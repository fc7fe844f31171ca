import { AwsFault } from '../../wire/fault.ts';
import { hexId } from '../../world/ids.ts';
import { optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { resourceType } from '../resource-type.ts';
import { cardsOf } from './network-card.ts';

export const ADDRESS = 'AWS::EC2::EIP';

export function addressesOf(world: World, instanceId: string): Thing[] {
  return world.things.all(ADDRESS).filter(({ attributes }) => text(attributes, 'InstanceId') === instanceId);
}

/** @throws AwsFault when the server does not exist */
export function associate(world: World, address: Thing, instanceId: string): void {
  world.require(
    'AWS::EC2::Instance',
    instanceId,
    () => new AwsFault('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`),
  );
  address.attributes = { ...address.attributes, InstanceId: instanceId, AssociationId: hexId('eipassoc') };
  for (const card of cardsOf(world, instanceId))
    card.attributes = { ...card.attributes, PublicIp: address.id };
}

export function disassociate(world: World, address: Thing): void {
  for (const card of cardsOf(world, text(address.attributes, 'InstanceId'))) {
    card.attributes = { ...card.attributes, PublicIp: '' };
  }
  address.attributes = { ...address.attributes, InstanceId: '', AssociationId: '' };
}

export const elasticAddress = resourceType({
  type: ADDRESS,
  actions: { create: 'ec2:AllocateAddress', update: 'ec2:AssociateAddress', delete: 'ec2:ReleaseAddress' },
  minutes: { create: 0.3 },
  create: ({ properties, tags }, world) => {
    const all = world.things.all(ADDRESS);
    if (all.length >= world.settings.addressLimit) {
      throw new AwsFault('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    }
    const allocation = hexId('eipalloc');
    const made = world.add({
      type: ADDRESS,
      id: `203.0.113.${10 + (Number.parseInt(allocation.slice(-4), 16) % 240)}`,
      arn: world.arn('ec2', `elastic-ip/${allocation}`),
      properties,
      tags: { ...tags },
      attributes: { AllocationId: allocation },
    });
    made.attributes = { ...made.attributes, PublicIp: made.id };
    const instanceId = optionalText(properties, 'InstanceId');
    if (instanceId !== undefined) associate(world, made, instanceId);
    return made;
  },
  update: (thing, properties, world) => {
    disassociate(world, thing);
    thing.properties = properties;
    const instanceId = optionalText(properties, 'InstanceId');
    if (instanceId !== undefined) associate(world, thing, instanceId);
  },
  // CloudFormation frees it first; the API alone refuses while a server uses it.
  remove: (thing, world) => {
    disassociate(world, thing);
    world.things.remove(thing);
  },
});

export const addressAssociation = resourceType({
  type: 'AWS::EC2::EIPAssociation',
  actions: {
    create: 'ec2:AssociateAddress',
    update: 'ec2:AssociateAddress',
    delete: 'ec2:DisassociateAddress',
  },
  isTaggable: false,
  create: ({ properties }, world) => {
    const allocation = text(properties, 'AllocationId');
    const address = world.things
      .all(ADDRESS)
      .find(({ attributes }) => text(attributes, 'AllocationId') === allocation);
    if (address === undefined) {
      throw new AwsFault('InvalidAllocationID.NotFound', `The allocation ID '${allocation}' does not exist`);
    }
    associate(world, address, text(properties, 'InstanceId'));
    const id = text(address.attributes, 'AssociationId');
    return world.add({ type: 'AWS::EC2::EIPAssociation', id, arn: '', properties });
  },
  remove: (thing, world) => {
    const allocation = text(thing.properties, 'AllocationId');
    const address = world.things
      .all(ADDRESS)
      .find(({ attributes }) => text(attributes, 'AllocationId') === allocation);
    if (address !== undefined) disassociate(world, address);
    world.things.remove(thing);
  },
});
