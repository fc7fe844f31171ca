import type * as sdk from '@aws-sdk/client-ec2';
import { ADDRESS, disassociate } from '../../resources/ec2/address.ts';
import { SNAPSHOT, VOLUME, detach, snapshot, volume } from '../../resources/ec2/volume.ts';
import { AwsFault } from '../../wire/fault.ts';
import { flag, number, optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { list, passes, stopAtDryRun, tagsOf } from './filters.ts';

const noSuchVolume = (id: string): AwsFault =>
  new AwsFault('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
const noSuchSnapshot = (id: string): AwsFault =>
  new AwsFault('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);

const requireVolume = (world: World, id: string): Thing => world.require(VOLUME, id, () => noSuchVolume(id));

/** Volumes, snapshots and public addresses: what goes on costing money. */
export const storageActions = {
  DescribeVolumes(input: sdk.DescribeVolumesRequest, world: World): sdk.DescribeVolumesResult {
    const { found, next } = list(world, {
      type: VOLUME,
      ids: input.VolumeIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: noSuchVolume,
      facets: ({ id, attributes, state, properties }) => ({
        'volume-id': id,
        status: state,
        'attachment.instance-id': text(attributes, 'InstanceId'),
        'availability-zone': text(properties, 'AvailabilityZone'),
      }),
    });
    return { Volumes: found.map(volumeShape), ...next };
  },

  DeleteVolume({ VolumeId, DryRun }: sdk.DeleteVolumeRequest, world: World): void {
    stopAtDryRun(DryRun);
    volume.remove(requireVolume(world, VolumeId!), world);
  },

  DetachVolume({ VolumeId }: sdk.DetachVolumeRequest, world: World): sdk.VolumeAttachment {
    detach(requireVolume(world, VolumeId!));
    return { VolumeId: VolumeId!, State: 'detaching' };
  },

  CreateSnapshot(input: sdk.CreateSnapshotRequest, world: World): sdk.Snapshot {
    const made = snapshot(world, requireVolume(world, input.VolumeId!), input.Description ?? '');
    const tags = (input.TagSpecifications ?? []).flatMap(({ Tags }) => Tags ?? []);
    made.tags = Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value!]));
    return snapshotShape(world, made);
  },

  DescribeSnapshots(input: sdk.DescribeSnapshotsRequest, world: World): sdk.DescribeSnapshotsResult {
    if (input.OwnerIds?.includes('self') !== true && input.SnapshotIds === undefined) {
      throw new AwsFault(
        'InvalidParameterValue',
        "Without OwnerIds ['self'] or ids this lists the snapshots of everybody",
      );
    }
    const { found, next } = list(world, {
      type: SNAPSHOT,
      ids: input.SnapshotIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: noSuchSnapshot,
      facets: ({ id, properties, state }) => ({
        'snapshot-id': id,
        'volume-id': text(properties, 'VolumeId'),
        status: state,
        description: text(properties, 'Description'),
      }),
    });
    return { Snapshots: found.map((one) => snapshotShape(world, one)), ...next };
  },

  DeleteSnapshot({ SnapshotId, DryRun }: sdk.DeleteSnapshotRequest, world: World): void {
    stopAtDryRun(DryRun);
    world.things.remove(world.require(SNAPSHOT, SnapshotId!, () => noSuchSnapshot(SnapshotId!)));
  },

  /** EC2 has no pages here. */
  DescribeAddresses(input: sdk.DescribeAddressesRequest, world: World): sdk.DescribeAddressesResult {
    const { AllocationIds, PublicIps } = input;
    const found = world.things
      .all(ADDRESS)
      .filter(({ id }) => PublicIps === undefined || PublicIps.includes(id))
      .filter(
        ({ attributes }) =>
          AllocationIds === undefined || AllocationIds.includes(text(attributes, 'AllocationId')),
      )
      .filter((thing) =>
        passes(thing, input.Filters, {
          'allocation-id': text(thing.attributes, 'AllocationId'),
          'instance-id': text(thing.attributes, 'InstanceId'),
          'public-ip': thing.id,
          domain: 'vpc',
        }),
      );
    return { Addresses: found.map(addressShape) };
  },

  DisassociateAddress({ AssociationId }: sdk.DisassociateAddressRequest, world: World): void {
    const found = world.things
      .all(ADDRESS)
      .find(({ attributes }) => text(attributes, 'AssociationId') === AssociationId);
    if (found === undefined) {
      throw new AwsFault(
        'InvalidAssociationID.NotFound',
        `The association ID '${AssociationId!}' does not exist`,
      );
    }
    disassociate(world, found);
  },

  ReleaseAddress({ AllocationId, DryRun }: sdk.ReleaseAddressRequest, world: World): void {
    stopAtDryRun(DryRun);
    const found = world.things
      .all(ADDRESS)
      .find(({ attributes }) => text(attributes, 'AllocationId') === AllocationId);
    if (found === undefined) {
      throw new AwsFault(
        'InvalidAllocationID.NotFound',
        `The allocation ID '${AllocationId!}' does not exist`,
      );
    }
    if (text(found.attributes, 'InstanceId') !== '') {
      throw new AwsFault('InvalidIPAddress.InUse', `Address ${found.id} is in use.`);
    }
    world.things.remove(found);
  },
};

function volumeShape(thing: Thing): sdk.Volume {
  const { id, properties, attributes, state, createdAt } = thing;
  const InstanceId = optionalText(attributes, 'InstanceId');
  const Attachments =
    InstanceId === undefined
      ? []
      : [
          {
            VolumeId: id,
            InstanceId,
            Device: text(attributes, 'Device'),
            State: 'attached' as const,
            DeleteOnTermination: flag(attributes, 'DeleteOnTermination'),
          },
        ];
  return {
    VolumeId: id,
    AvailabilityZone: text(properties, 'AvailabilityZone'),
    Size: number(properties, 'Size'),
    VolumeType: (optionalText(properties, 'VolumeType') ?? 'gp2') as sdk.VolumeType,
    Encrypted: flag(properties, 'Encrypted'),
    State: state as sdk.VolumeState,
    CreateTime: createdAt,
    Attachments,
    Tags: tagsOf(thing),
  };
}

function snapshotShape(world: World, thing: Thing): sdk.Snapshot {
  const { id, properties, state, createdAt } = thing;
  return {
    SnapshotId: id,
    VolumeId: text(properties, 'VolumeId'),
    VolumeSize: number(properties, 'VolumeSize'),
    Description: text(properties, 'Description'),
    State: state as sdk.SnapshotState,
    StartTime: createdAt,
    OwnerId: world.accountId,
    Progress: state === 'completed' ? '100%' : '40%',
    Encrypted: flag(properties, 'Encrypted'),
    Tags: tagsOf(thing),
  };
}

function addressShape(thing: Thing): sdk.Address {
  const [InstanceId, AssociationId] = [
    text(thing.attributes, 'InstanceId'),
    text(thing.attributes, 'AssociationId'),
  ];
  return {
    PublicIp: thing.id,
    AllocationId: text(thing.attributes, 'AllocationId'),
    Domain: 'vpc',
    Tags: tagsOf(thing),
    ...(InstanceId === '' ? {} : { InstanceId, AssociationId }),
  };
}
