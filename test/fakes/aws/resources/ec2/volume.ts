import { AwsFault } from '../../wire/fault.ts';
import { hexId } from '../../world/ids.ts';
import { number, optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { resourceType } from '../resource-type.ts';
import { addEc2 } from './vpc.ts';

export const VOLUME = 'AWS::EC2::Volume';
export const SNAPSHOT = 'AWS::EC2::Snapshot';

const SNAPSHOT_MINUTES = 2;

export const volume = resourceType({
  type: VOLUME,
  actions: 'ec2:Volume',
  minutes: { create: 0.4, update: 1 },
  create: (draft, world) => {
    const made = addEc2(world, draft, 'vol', 'Volume');
    made.attributes = { VolumeId: made.id };
    return made;
  },
  update: (thing, properties) => {
    if (number(properties, 'Size') < number(thing.properties, 'Size')) {
      throw new AwsFault('InvalidParameterValue', 'New size cannot be smaller than existing size');
    }
    thing.properties = properties;
  },
  remove: (thing, world) => {
    const server = text(thing.attributes, 'InstanceId');
    if (server !== '') {
      throw new AwsFault('VolumeInUse', `Volume ${thing.id} is currently attached to ${server}`);
    }
    world.things.remove(thing);
  },
});

/** @throws AwsFault when the volume is elsewhere, or in use */
export function attach(
  world: World,
  volumeId: string,
  instance: Thing,
  device: string,
  endsWith = false,
): void {
  const found = world.require(
    VOLUME,
    volumeId,
    () => new AwsFault('InvalidVolume.NotFound', `The volume '${volumeId}' does not exist.`),
  );
  if (text(found.attributes, 'InstanceId') !== '') {
    throw new AwsFault('VolumeInUse', `${volumeId} is already attached to an instance`);
  }
  if (text(found.properties, 'AvailabilityZone') !== text(instance.attributes, 'AvailabilityZone')) {
    throw new AwsFault(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volumeId}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
  found.state = 'in-use';
  found.attributes = {
    VolumeId: volumeId,
    InstanceId: instance.id,
    Device: device,
    DeleteOnTermination: endsWith,
  };
}

export function detach(found: Thing): void {
  found.state = 'available';
  found.attributes = { VolumeId: found.id };
}

/** Begins a snapshot; it costs money until somebody deletes it. */
export function snapshot(world: World, source: Thing, description: string): Thing {
  const id = hexId('snap');
  const made = world.add({
    type: SNAPSHOT,
    id,
    arn: `arn:aws:ec2:${world.region}::snapshot/${id}`,
    state: 'pending',
    properties: {
      VolumeId: source.id,
      VolumeSize: number(source.properties, 'Size', 8),
      Description: description,
      Encrypted: source.properties['Encrypted'] ?? false,
    },
    tags: { ...source.tags },
  });
  world.clock.after(SNAPSHOT_MINUTES, () => {
    made.state = 'completed';
  });
  return made;
}

export const volumeAttachment = resourceType({
  type: 'AWS::EC2::VolumeAttachment',
  actions: { create: 'ec2:AttachVolume', update: 'ec2:AttachVolume', delete: 'ec2:DetachVolume' },
  isTaggable: false,
  minutes: { create: 0.3, delete: 0.5 },
  create: ({ properties }, world) => {
    const [volumeId, instanceId] = [text(properties, 'VolumeId'), text(properties, 'InstanceId')];
    const instance = world.require(
      'AWS::EC2::Instance',
      instanceId,
      () => new AwsFault('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`),
    );
    attach(world, volumeId, instance, optionalText(properties, 'Device') ?? '/dev/sdf');
    return world.add({
      type: 'AWS::EC2::VolumeAttachment',
      id: `${volumeId}|${instanceId}`,
      arn: '',
      properties,
    });
  },
  remove: (thing, world) => {
    const found = world.things.find(VOLUME, text(thing.properties, 'VolumeId'));
    if (found !== undefined) detach(found);
    world.things.remove(thing);
  },
});
