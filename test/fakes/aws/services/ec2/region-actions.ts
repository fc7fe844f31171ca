import type * as sdk from '@aws-sdk/client-ec2';
import { AwsFault } from '../../wire/fault.ts';
import { optionalText, text } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { list, missing, passes, tagsOf } from './filters.ts';

/** Everything of EC2 that has tags. */
const isOfEc2 = (type: string): boolean => type.startsWith('AWS::EC2::');

/** What the region offers: zones, server types, images. */
export const regionActions = {
  DescribeRegions({ RegionNames }: sdk.DescribeRegionsRequest, world: World): sdk.DescribeRegionsResult {
    const unknown = RegionNames?.find((name) => name !== world.region);
    if (unknown !== undefined) throw new AwsFault('InvalidParameterValue', `Invalid region: [${unknown}]`);
    return { Regions: [{ RegionName: world.region, OptInStatus: 'opt-in-not-required' }] };
  },

  DescribeAvailabilityZones(
    input: sdk.DescribeAvailabilityZonesRequest,
    world: World,
  ): sdk.DescribeAvailabilityZonesResult {
    const all = world.settings.zones.map((letter) => world.region + letter);
    const unknown = input.ZoneNames?.find((name) => !all.includes(name));
    if (unknown !== undefined)
      throw new AwsFault('InvalidParameterValue', `Invalid availability zone: [${unknown}]`);
    return {
      AvailabilityZones: all
        .filter((name) => input.ZoneNames === undefined || input.ZoneNames.includes(name))
        .map((ZoneName) => ({
          ZoneName,
          RegionName: world.region,
          State: 'available',
          ZoneType: 'availability-zone',
          OptInStatus: 'opt-in-not-required',
        })),
    };
  },

  DescribeInstanceTypeOfferings(
    input: sdk.DescribeInstanceTypeOfferingsRequest,
    world: World,
  ): sdk.DescribeInstanceTypeOfferingsResult {
    const wanted = (name: string): readonly string[] | undefined =>
      input.Filters?.find(({ Name }) => Name === name)?.Values;
    const locations = wanted('location') ?? world.settings.zones.map((letter) => world.region + letter);
    const types = (wanted('instance-type') ?? ['t3.micro', 't3.small', 't4g.small']).filter(
      (type) => !world.settings.missingInstanceTypes.includes(type),
    );
    return {
      InstanceTypeOfferings: locations.flatMap((Location) =>
        types.map((type) => ({
          InstanceType: type as sdk._InstanceType,
          LocationType: input.LocationType ?? 'region',
          Location,
        })),
      ),
    };
  },

  DescribeImages(input: sdk.DescribeImagesRequest, world: World): sdk.DescribeImagesResult {
    const { found, next } = list(world, {
      type: 'AWS::EC2::Image',
      ids: input.ImageIds,
      filters: input.Filters,
      token: input.NextToken,
      missing: missing('InvalidAMIID.NotFound', 'image id'),
      facets: ({ id, properties }) => ({
        'image-id': id,
        name: text(properties, 'Name'),
        architecture: text(properties, 'Architecture'),
        state: 'available',
        'owner-id': text(properties, 'OwnerId'),
        'virtualization-type': 'hvm',
        'root-device-type': 'ebs',
      }),
    });
    const owned = found.filter(
      ({ properties }) => input.Owners === undefined || input.Owners.includes(text(properties, 'OwnerId')),
    );
    return {
      Images: owned.map(({ id, properties, createdAt }) => ({
        ImageId: id,
        Name: text(properties, 'Name'),
        OwnerId: text(properties, 'OwnerId'),
        Architecture: text(properties, 'Architecture') as sdk.ArchitectureValues,
        State: 'available',
        CreationDate: optionalText(properties, 'CreationDate') ?? createdAt.toISOString(),
        RootDeviceName: '/dev/xvda',
        RootDeviceType: 'ebs',
      })),
      ...next,
    };
  },

  DescribeManagedPrefixLists(
    input: sdk.DescribeManagedPrefixListsRequest,
    world: World,
  ): sdk.DescribeManagedPrefixListsResult {
    const PrefixListName = `com.amazonaws.${world.region}.s3`;
    const thing = { tags: {} } as never;
    const isWanted = passes(thing, input.Filters, {
      'prefix-list-name': PrefixListName,
      'prefix-list-id': 'pl-6fa54006',
    });
    return {
      PrefixLists: isWanted
        ? [{ PrefixListId: 'pl-6fa54006', PrefixListName, State: 'create-complete' }]
        : [],
    };
  },

  CreateTags({ Resources, Tags }: sdk.CreateTagsRequest, world: World): void {
    for (const id of Resources ?? []) {
      const found = world.things.everything().find((thing) => thing.id === id && isOfEc2(thing.type));
      if (found === undefined) throw new AwsFault('InvalidID', `The ID '${id}' is not valid`);
      for (const { Key, Value } of Tags ?? []) found.tags[Key!] = Value ?? '';
    }
  },

  DescribeTags(input: sdk.DescribeTagsRequest, world: World): sdk.DescribeTagsResult {
    const tagged = world.things.everything().filter(({ type }) => isOfEc2(type));
    return {
      Tags: tagged.flatMap((thing) =>
        tagsOf(thing)
          .filter(({ Key, Value }) =>
            passes(thing, input.Filters, { key: Key!, value: Value!, 'resource-id': thing.id }),
          )
          .map(({ Key, Value }) => ({ Key: Key!, Value: Value!, ResourceId: thing.id })),
      ),
    };
  },
};
