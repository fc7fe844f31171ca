import type * as sdk from '@aws-sdk/client-ec2';
import { INSTANCE, run, stop, terminate } from '../../resources/ec2/instance.ts';
import { cardsOf } from '../../resources/ec2/network-card.ts';
import { VOLUME } from '../../resources/ec2/volume.ts';
import { AwsFault } from '../../wire/fault.ts';
import { flag, nested, optionalText, text, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import { type Facets, list, missing, tagsOf } from './filters.ts';

const STATE_CODES: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

const noSuchInstance = missing('InvalidInstanceID.NotFound', 'instance ID');
const stateOf = (name: string): sdk.InstanceState => ({
  Code: STATE_CODES[name]!,
  Name: name as sdk.InstanceStateName,
});

const facets = ({ id, properties, attributes, state }: Thing): Facets => ({
  'instance-id': id,
  'vpc-id': text(attributes, 'VpcId'),
  'subnet-id': text(properties, 'SubnetId'),
  'instance-state-name': state,
  'instance-type': text(properties, 'InstanceType'),
  'image-id': text(properties, 'ImageId'),
  'availability-zone': text(attributes, 'AvailabilityZone'),
  'instance.group-id': texts(properties, 'SecurityGroupIds'),
});

/** @throws AwsFault InvalidInstanceID.NotFound */
const serversOf = (world: World, ids: readonly string[] | undefined): Thing[] =>
  (ids ?? []).map((id) => world.require(INSTANCE, id, () => noSuchInstance(id)));

/** Changes servers, and answers with what each was and is. */
function move(servers: readonly Thing[], to: (server: Thing) => void): sdk.InstanceStateChange[] {
  return servers.map((server) => {
    const before = stateOf(server.state);
    to(server);
    return { InstanceId: server.id, PreviousState: before, CurrentState: stateOf(server.state) };
  });
}

export const serverActions = {
  DescribeInstances(input: sdk.DescribeInstancesRequest, world: World): sdk.DescribeInstancesResult {
    const { InstanceIds: ids, Filters: filters, NextToken: token } = input;
    const { found, next } = list(world, {
      type: INSTANCE,
      ids,
      filters,
      token,
      missing: noSuchInstance,
      facets,
    });
    return {
      Reservations: found.map((server) => ({
        OwnerId: world.accountId,
        Instances: [instanceShape(world, server)],
      })),
      ...next,
    };
  },

  DescribeInstanceStatus(
    input: sdk.DescribeInstanceStatusRequest,
    world: World,
  ): sdk.DescribeInstanceStatusResult {
    const { InstanceIds: ids, Filters: filters, NextToken: token } = input;
    const { found, next } = list(world, {
      type: INSTANCE,
      ids,
      filters,
      token,
      missing: noSuchInstance,
      facets,
    });
    const shown = found.filter(({ state }) => input.IncludeAllInstances === true || state === 'running');
    const ok = {
      Status: 'ok' as const,
      Details: [{ Name: 'reachability' as const, Status: 'passed' as const }],
    };
    return {
      InstanceStatuses: shown.map((server) => ({
        InstanceId: server.id,
        InstanceState: stateOf(server.state),
        InstanceStatus: ok,
        SystemStatus: ok,
      })),
      ...next,
    };
  },

  TerminateInstances(
    { InstanceIds }: sdk.TerminateInstancesRequest,
    world: World,
  ): sdk.TerminateInstancesResult {
    const servers = serversOf(world, InstanceIds);
    const held = servers.find(({ properties }) => flag(properties, 'DisableApiTermination'));
    if (held !== undefined) {
      throw new AwsFault(
        'OperationNotPermitted',
        `The instance '${held.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    }
    return { TerminatingInstances: move(servers, (server) => terminate(server, world)) };
  },

  StopInstances({ InstanceIds }: sdk.StopInstancesRequest, world: World): sdk.StopInstancesResult {
    return { StoppingInstances: move(serversOf(world, InstanceIds), (server) => stop(server, world)) };
  },

  StartInstances({ InstanceIds }: sdk.StartInstancesRequest, world: World): sdk.StartInstancesResult {
    return { StartingInstances: move(serversOf(world, InstanceIds), (server) => run(server, world)) };
  },

  ModifyInstanceAttribute(input: sdk.ModifyInstanceAttributeRequest, world: World): void {
    const [server] = serversOf(world, [input.InstanceId!]);
    const value = input.DisableApiTermination?.Value;
    if (value === undefined)
      throw new AwsFault('InvalidParameterValue', 'The fake modifies DisableApiTermination only');
    change(server!, { DisableApiTermination: value });
  },

  DescribeInstanceAttribute(
    { InstanceId, Attribute }: sdk.DescribeInstanceAttributeRequest,
    world: World,
  ): sdk.InstanceAttribute {
    const [server] = serversOf(world, [InstanceId!]);
    if (Attribute !== 'disableApiTermination')
      throw new AwsFault('InvalidParameterValue', `The fake does not tell ${Attribute!}`);
    return {
      InstanceId: InstanceId!,
      DisableApiTermination: { Value: flag(server!.properties, 'DisableApiTermination') },
    };
  },

  GetConsoleOutput({ InstanceId }: sdk.GetConsoleOutputRequest, world: World): sdk.GetConsoleOutputResult {
    serversOf(world, [InstanceId!]);
    return {
      InstanceId: InstanceId!,
      Timestamp: world.clock.now(),
      Output: Buffer.from(world.host.console).toString('base64'),
    };
  },
};

function instanceShape(world: World, server: Thing): sdk.Instance {
  const { properties, attributes, state, createdAt } = server;
  const isGone = state === 'terminated';
  const [card] = cardsOf(world, server.id);
  const PublicIpAddress = text(card?.attributes ?? {}, 'PublicIp');
  const profile = optionalText(properties, 'IamInstanceProfile');
  const volumes = world.things
    .all(VOLUME)
    .filter((volume) => text(volume.attributes, 'InstanceId') === server.id);
  return {
    InstanceId: server.id,
    ImageId: text(properties, 'ImageId'),
    InstanceType: text(properties, 'InstanceType') as sdk._InstanceType,
    State: stateOf(state),
    LaunchTime: createdAt,
    Placement: { AvailabilityZone: text(attributes, 'AvailabilityZone') },
    MetadataOptions: {
      HttpTokens: (optionalText(nested(properties, 'MetadataOptions'), 'HttpTokens') ??
        'optional') as sdk.HttpTokensState,
    },
    SecurityGroups: isGone ? [] : texts(properties, 'SecurityGroupIds').map((GroupId) => ({ GroupId })),
    BlockDeviceMappings: volumes.map((volume) => ({
      DeviceName: text(volume.attributes, 'Device'),
      Ebs: { VolumeId: volume.id, DeleteOnTermination: flag(volume.attributes, 'DeleteOnTermination') },
    })),
    Tags: tagsOf(server),
    ...(isGone
      ? {}
      : {
          VpcId: text(attributes, 'VpcId'),
          SubnetId: text(properties, 'SubnetId'),
          PrivateIpAddress: text(attributes, 'PrivateIp'),
        }),
    ...(PublicIpAddress === '' ? {} : { PublicIpAddress }),
    ...(profile === undefined
      ? {}
      : { IamInstanceProfile: { Arn: world.arn('iam', `instance-profile/${profile}`, '') } }),
  };
}
