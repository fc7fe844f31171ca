import { AwsFault } from '../../wire/fault.ts';
import { flag, items, nested, number, optionalText, text, texts, without } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { type Draft, resourceType } from '../resource-type.ts';
import { addressesOf } from './address.ts';
import { addCard, cardsOf } from './network-card.ts';
import { addEc2, requireSubnet } from './vpc.ts';
import { VOLUME, attach, detach } from './volume.ts';

export const INSTANCE = 'AWS::EC2::Instance';

const BOOT_MINUTES = 0.6;
const SHUTDOWN_MINUTES = 1.5;
/** A terminated server stays in the listings for about an hour. */
const REMEMBERED_MINUTES = 60;

export const instance = resourceType({
  type: INSTANCE,
  actions: {
    create: 'ec2:RunInstances',
    update: 'ec2:ModifyInstanceAttribute',
    delete: 'ec2:TerminateInstances',
  },
  create: (draft, world) => {
    const { properties } = draft;
    requireParts(draft, world);
    const subnetId = text(properties, 'SubnetId');
    const subnet = requireSubnet(world, subnetId);
    const made = addEc2(world, draft, 'i', 'Instance', 'pending');
    const groupIds = texts(properties, 'SecurityGroupIds');
    const card = addCard(world, { subnetId, groupIds, description: '', kind: 'interface', owner: made.id });
    made.attributes = {
      InstanceId: made.id,
      AvailabilityZone: text(subnet.attributes, 'AvailabilityZone'),
      PrivateIp: text(card.properties, 'PrivateIpAddress'),
      VpcId: text(subnet.properties, 'VpcId'),
    };
    try {
      for (const wish of items(properties, 'Volumes')) {
        attach(world, text(wish, 'VolumeId'), made, text(wish, 'Device'));
      }
    } catch (error) {
      world.things.remove(card);
      world.things.remove(made);
      throw error;
    }
    addRootVolume(draft, world, made);
    world.clock.after(BOOT_MINUTES, () => {
      if (made.state === 'pending') run(made, world);
    });
    return made;
  },
  isReady: ({ id, state }) => {
    if (state === 'pending' || state === 'running') return state === 'running';
    throw new AwsFault('NotStabilized', `Instance ${id} failed to stabilize. Current state: ${state}.`);
  },
  remove: (thing, world) => {
    if (flag(thing.properties, 'DisableApiTermination')) {
      throw new AwsFault(
        'OperationNotPermitted',
        `The instance '${thing.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    }
    terminate(thing, world);
  },
});

/** @throws AwsFault in EC2's words for what is missing */
function requireParts({ properties }: Draft, world: World): void {
  const image = text(properties, 'ImageId');
  world.require(
    'AWS::EC2::Image',
    image,
    () => new AwsFault('InvalidAMIID.NotFound', `The image id '[${image}]' does not exist`),
  );
  const instanceType = text(properties, 'InstanceType');
  if (world.settings.missingInstanceTypes.includes(instanceType)) {
    throw new AwsFault(
      'Unsupported',
      `Your requested instance type (${instanceType}) is not supported in your requested Availability Zone.`,
    );
  }
  const profile = optionalText(properties, 'IamInstanceProfile');
  if (profile !== undefined && world.things.find('AWS::IAM::InstanceProfile', profile) === undefined) {
    throw new AwsFault(
      'InvalidParameterValue',
      `Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
  }
}

function addRootVolume({ properties, tags }: Draft, world: World, server: Thing): void {
  const ebs = nested(items(properties, 'BlockDeviceMappings')[0] ?? {}, 'Ebs');
  const isTagged = flag(properties, 'PropagateTagsToVolumeOnCreation');
  const wish = {
    AvailabilityZone: text(server.attributes, 'AvailabilityZone'),
    VolumeType: optionalText(ebs, 'VolumeType') ?? 'gp3',
    Size: number(ebs, 'VolumeSize', 8),
    Encrypted: flag(ebs, 'Encrypted'),
  };
  const draft = { properties: wish, tags: isTagged ? tags : {} } as unknown as Draft;
  const root = addEc2(world, draft, 'vol', 'Volume');
  attach(world, root.id, server, '/dev/xvda', flag(ebs, 'DeleteOnTermination', true));
}

/** Lets a server boot; its agent pings some minutes later, if the test wants one to. */
export function run(server: Thing, world: World): void {
  const { onlineAfter } = world.host;
  server.state = 'running';
  if (onlineAfter === null) return;
  world.clock.after(onlineAfter, () => {
    if (server.state === 'running')
      server.attributes = { ...server.attributes, OnlineSince: world.clock.now() };
  });
}

export function stop(server: Thing, world: World): void {
  server.state = 'stopping';
  server.attributes = without(server.attributes, 'OnlineSince');
  world.clock.after(SHUTDOWN_MINUTES, () => {
    if (server.state === 'stopping') server.state = 'stopped';
  });
}

export function terminate(server: Thing, world: World): void {
  if (server.state === 'shutting-down' || server.state === 'terminated') return;
  server.state = 'shutting-down';
  world.clock.after(SHUTDOWN_MINUTES, () => {
    server.state = 'terminated';
    for (const address of addressesOf(world, server.id))
      address.attributes = { ...address.attributes, InstanceId: '' };
    for (const card of cardsOf(world, server.id)) world.things.remove(card);
    for (const volume of world.things.all(VOLUME)) {
      if (text(volume.attributes, 'InstanceId') !== server.id) continue;
      if (flag(volume.attributes, 'DeleteOnTermination')) world.things.remove(volume);
      else detach(volume);
    }
  });
  world.clock.after(REMEMBERED_MINUTES, () => world.things.remove(server));
}
