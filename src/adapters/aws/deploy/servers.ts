import * as ec2 from '@aws-sdk/client-ec2';
import * as ssm from '@aws-sdk/client-ssm';
import { setTimeout } from 'node:timers/promises';
import type { CommandResult, Servers } from '../../../stacks/ports/deploy/pipeline.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, unlessGone } from '../call.ts';

/** Commands of ours take a second or two; the first look comes sooner, later ones less often. */
const FIRST_POLL_MS = 200;
const MAX_POLL_MS = 2000;
const UNREACHABLE = new Set(['InvalidInstanceId', 'InvocationDoesNotExist']);

/** Servers through the SSM agent and the serial console. */
export function openServers(settings: SdkSettings): Servers & { close(): void } {
  const servers = new ec2.EC2Client(settings);
  const agents = new ssm.SSMClient(settings);
  return {
    run: (instanceId, lines, waitSeconds) => run(agents, instanceId, lines, waitSeconds),
    isGone: (instanceId) =>
      unlessGone('ec2:DescribeInstances', true, async () => {
        const { Reservations } = await servers.send(
          new ec2.DescribeInstancesCommand({ InstanceIds: [instanceId] }),
        );
        const found = Reservations?.[0]?.Instances?.[0];
        return found === undefined || found.State?.Name === 'terminated';
      }),
    console: (instanceId) =>
      unlessGone('ec2:GetConsoleOutput', '', async () => {
        const { Output } = await servers.send(new ec2.GetConsoleOutputCommand({ InstanceId: instanceId }));
        return Buffer.from(Output ?? '', 'base64').toString('utf8');
      }),
    close: () => {
      servers.destroy();
      agents.destroy();
    },
  };
}

async function run(
  client: ssm.SSMClient,
  instanceId: string,
  lines: readonly string[],
  waitSeconds: number,
): Promise<CommandResult | null> {
  return call('ssm:SendCommand', async () => {
    try {
      const { Command } = await client.send(
        new ssm.SendCommandCommand({
          InstanceIds: [instanceId],
          DocumentName: 'AWS-RunShellScript',
          Parameters: { commands: [...lines], executionTimeout: [String(waitSeconds)] },
        }),
      );
      return await waitForResult(client, Command!.CommandId!, instanceId, waitSeconds);
    } catch (error) {
      if (UNREACHABLE.has((error as Error).name)) return null;
      throw error;
    }
  });
}

async function waitForResult(
  client: ssm.SSMClient,
  commandId: string,
  instanceId: string,
  waitSeconds: number,
): Promise<CommandResult | null> {
  const until = Date.now() + waitSeconds * 1000;
  let pollMs = FIRST_POLL_MS;
  do {
    await setTimeout(pollMs);
    pollMs = Math.min(MAX_POLL_MS, pollMs * 2);
    const found = await findInvocation(client, commandId, instanceId);
    if (found !== null && !['Pending', 'InProgress', 'Delayed'].includes(found.Status ?? '')) {
      return {
        exitCode: found.ResponseCode ?? -1,
        stdout: found.StandardOutputContent ?? '',
        stderr: found.StandardErrorContent ?? '',
      };
    }
  } while (Date.now() < until);
  return null;
}

/** Null for a moment after the command was sent: SSM is consistent only after a while. */
async function findInvocation(
  client: ssm.SSMClient,
  commandId: string,
  instanceId: string,
): Promise<ssm.GetCommandInvocationCommandOutput | null> {
  try {
    return await client.send(
      new ssm.GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
    );
  } catch (error) {
    if ((error as Error).name === 'InvocationDoesNotExist') return null;
    throw error;
  }
}
