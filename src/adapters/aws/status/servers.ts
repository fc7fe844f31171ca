import * as ec2 from '@aws-sdk/client-ec2';
import * as ssm from '@aws-sdk/client-ssm';
import type { Door, Health, OpenRule } from '../../../stacks/ports/health.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, unlessGone } from '../call.ts';

type ServerHealth = Pick<Health, 'server' | 'serverChecks' | 'agent' | 'doors' | 'openRules'>;

/** EC2 and the SSM agents. */
export function openServerHealth(settings: SdkSettings): ServerHealth & { close(): void } {
  const servers = new ec2.EC2Client(settings);
  const agents = new ssm.SSMClient(settings);
  return {
    server: (id) =>
      unlessGone('ec2:DescribeInstances', null, async () => {
        const { Reservations } = await servers.send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
        const found = Reservations?.[0]?.Instances?.[0];
        return found === undefined ? null : { state: found.State?.Name ?? 'unknown' };
      }),
    serverChecks: (id) =>
      unlessGone('ec2:DescribeInstanceStatus', null, async () => {
        const { InstanceStatuses } = await servers.send(
          new ec2.DescribeInstanceStatusCommand({ InstanceIds: [id] }),
        );
        const found = InstanceStatuses?.[0];
        if (found === undefined) return null;
        const states = [found.InstanceStatus?.Status, found.SystemStatus?.Status];
        return states.find((state) => state !== 'ok') ?? 'ok';
      }),
    agent: async (id) => {
      const Filters = [{ Key: 'InstanceIds', Values: [id] }];
      const pages = pagesOf((NextToken) =>
        call('ssm:DescribeInstanceInformation', () =>
          agents.send(new ssm.DescribeInstanceInformationCommand({ Filters, NextToken })),
        ),
      );
      // A page may be empty and yet not the last.
      for await (const { InstanceInformationList: [found] = [] } of pages) {
        if (found === undefined) continue;
        const { PingStatus = '', AgentVersion = '', LastPingDateTime = null } = found;
        return { ping: PingStatus, version: AgentVersion, seenAt: LastPingDateTime };
      }
      return null;
    },
    doors: async (vpcId) => {
      const found: Door[] = [];
      const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
      const pages = pagesOf((NextToken) =>
        call('ec2:DescribeVpcEndpoints', () =>
          servers.send(new ec2.DescribeVpcEndpointsCommand({ Filters, NextToken })),
        ),
      );
      for await (const { VpcEndpoints = [] } of pages) found.push(...VpcEndpoints.map(doorOf));
      return found;
    },
    openRules: async (vpcId) => {
      const found: OpenRule[] = [];
      const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
      const pages = pagesOf((NextToken) =>
        call('ec2:DescribeSecurityGroups', () =>
          servers.send(new ec2.DescribeSecurityGroupsCommand({ Filters, NextToken })),
        ),
      );
      for await (const { SecurityGroups = [] } of pages) found.push(...SecurityGroups.flatMap(openRulesOf));
      return found;
    },
    close: () => {
      servers.destroy();
      agents.destroy();
    },
  };
}

/** The SDK's type writes states large, EC2 itself small. */
function doorOf({ ServiceName = '', State = '' as ec2.State }: ec2.VpcEndpoint): Door {
  return { service: ServiceName.split('.').at(-1) ?? '', state: State.toLowerCase() };
}

const WHOLE_INTERNET = new Set(['0.0.0.0/0', '::/0']);

function openRulesOf({ GroupName = '', IpPermissions = [] }: ec2.SecurityGroup): OpenRule[] {
  return IpPermissions.flatMap(({ FromPort, ToPort, IpRanges = [], Ipv6Ranges = [] }) => {
    const sources = [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)];
    const ports = FromPort === undefined ? 'all ports' : [...new Set([FromPort, ToPort])].join('-');
    return sources.flatMap((source = '') =>
      WHOLE_INTERNET.has(source) ? [{ group: GroupName, ports, source }] : [],
    );
  });
}
