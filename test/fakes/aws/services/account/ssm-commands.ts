import type * as sdk from '@aws-sdk/client-ssm';
import { INSTANCE } from '../../resources/ec2/instance.ts';
import { AwsFault } from '../../wire/fault.ts';
import { uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';

const COMMAND = 'sbw:RunCommand';

function isOnline({ state, attributes }: Thing): boolean {
  return state === 'running' && attributes['OnlineSince'] !== undefined;
}

/** Servers as the SSM agent sees them. */
export const commandActions = {
  DescribeInstanceInformation(
    input: sdk.DescribeInstanceInformationRequest,
    world: World,
  ): sdk.DescribeInstanceInformationResult {
    const { Filters = [], InstanceInformationFilterList = [], NextToken } = input;
    const wanted = [
      ...Filters.map(({ Key, Values }) => ({ key: Key!, values: Values ?? [] })),
      ...InstanceInformationFilterList.map(({ key, valueSet }) => ({ key: key!, values: valueSet ?? [] })),
    ];
    const known = world.things
      .all(INSTANCE)
      .filter(({ attributes }) => attributes['OnlineSince'] !== undefined)
      .filter((server) => wanted.every(({ key, values }) => values.includes(filterValue(server, key))));
    const { items, token } = pageOf(known, NextToken, world.settings.pageSize);
    return {
      InstanceInformationList: items.map((server) => ({
        InstanceId: server.id,
        PingStatus: isOnline(server) ? 'Online' : 'ConnectionLost',
        LastPingDateTime: world.clock.now(),
        AgentVersion: '3.3.987.0',
        IsLatestVersion: true,
        PlatformType: 'Linux',
        PlatformName: 'Debian GNU/Linux',
        PlatformVersion: '13',
        ResourceType: 'EC2Instance',
        IPAddress: text(server.attributes, 'PrivateIp'),
      })),
      ...nextToken('NextToken', token),
    };
  },

  SendCommand(input: sdk.SendCommandRequest, world: World): sdk.SendCommandResult {
    const { InstanceIds = [], DocumentName, Parameters } = input;
    for (const id of InstanceIds) {
      const server = world.things.find(INSTANCE, id);
      if (server === undefined || !isOnline(server)) {
        throw new AwsFault(
          'InvalidInstanceId',
          `Instances [[${id}]] not in a valid state for account ${world.accountId}`,
        );
      }
    }
    const CommandId = uuid();
    for (const id of InstanceIds) {
      const { stdout, stderr, exitCode, minutes } = world.runCommand(id, Parameters?.['commands'] ?? []);
      const command = world.add({
        type: COMMAND,
        id: `${CommandId} ${id}`,
        arn: '',
        state: 'InProgress',
        properties: { CommandId, InstanceId: id, DocumentName, stdout, stderr, exitCode },
        isImplicit: true,
      });
      world.clock.after(minutes, () => {
        command.state = exitCode === 0 ? 'Success' : 'Failed';
      });
    }
    return {
      Command: {
        CommandId,
        InstanceIds,
        DocumentName: DocumentName!,
        Status: 'Pending',
        RequestedDateTime: world.clock.now(),
      },
    };
  },

  GetCommandInvocation(
    { CommandId, InstanceId }: sdk.GetCommandInvocationRequest,
    world: World,
  ): sdk.GetCommandInvocationResult {
    const { state, properties } = world.require(
      COMMAND,
      `${CommandId!} ${InstanceId!}`,
      () => new AwsFault('InvocationDoesNotExist', ''),
    );
    const isDone = state !== 'InProgress';
    return {
      CommandId: CommandId!,
      InstanceId: InstanceId!,
      DocumentName: text(properties, 'DocumentName'),
      Status: state as sdk.CommandInvocationStatus,
      StatusDetails: state,
      ResponseCode: isDone ? Number(properties['exitCode']) : -1,
      StandardOutputContent: isDone ? text(properties, 'stdout').slice(0, 24_000) : '',
      StandardErrorContent: isDone ? text(properties, 'stderr').slice(0, 8_000) : '',
    };
  },
};

function filterValue({ id, tags, state }: Thing, key: string): string {
  if (key === 'InstanceIds') return id;
  if (key === 'PingStatus') return state === 'running' ? 'Online' : 'ConnectionLost';
  if (key.startsWith('tag:')) return tags[key.slice(4)] ?? '';
  throw new AwsFault('InvalidInstanceInformationFilterValue', `The fake has no filter ${key}`);
}
