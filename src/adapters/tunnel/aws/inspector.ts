import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import * as ssm from '@aws-sdk/client-ssm';
import type { AgentFacts, EndpointFacts, IngressRule, Inspector } from '../../../tunnel/diagnosis/facts.ts';
import type { Directory, Instance } from '../../../tunnel/target/find-instance.ts';

type Settings = (service: string) => ec2.EC2ClientConfig & iam.IAMClientConfig & ssm.SSMClientConfig;

/**
 * Looks at the way to an instance with whatever the caller may read.
 * @param settings for a client, by the service's name in AWS_ENDPOINT_URL_<service>
 */
export function openInspector(settings: Settings, directory: Directory): Inspector {
  return {
    inspect: async (id) => {
      const clients = {
        ec2: new ec2.EC2Client(settings('EC2')),
        iam: new iam.IAMClient(settings('IAM')),
        ssm: new ssm.SSMClient(settings('SSM')),
      };
      try {
        const [instance, agent] = await Promise.all([
          directory.findInstance(id).then(
            (found) => found ?? undefined,
            () => null,
          ),
          orNull(() => readAgent(clients.ssm, id)),
        ]);
        if (instance === null || instance === undefined) {
          return { instance, agent, policies: null, endpoints: null, hasDefaultRoute: null };
        }
        const [policies, endpoints, hasDefaultRoute] = await Promise.all([
          orNull(() => readPolicies(clients.iam, instance)),
          orNull(() => readEndpoints(clients.ec2, instance)),
          orNull(() => readDefaultRoute(clients.ec2, instance)),
        ]);
        return { instance, agent, policies, endpoints, hasDefaultRoute };
      } finally {
        for (const client of Object.values(clients)) client.destroy();
      }
    },
  };
}

async function orNull<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch {
    return null;
  }
}

async function readAgent(client: ssm.SSMClient, id: string): Promise<AgentFacts | 'unregistered'> {
  const Filters = [{ Key: 'InstanceIds', Values: [id] }];
  const { InstanceInformationList } = await client.send(
    new ssm.DescribeInstanceInformationCommand({ Filters }),
  );
  const found = InstanceInformationList?.[0];
  if (found === undefined) return 'unregistered';
  return {
    ping: found.PingStatus ?? '',
    version: found.AgentVersion ?? '',
    lastPingAt: found.LastPingDateTime ?? null,
  };
}

async function readPolicies(client: iam.IAMClient, { profileArn }: Instance): Promise<string[]> {
  const InstanceProfileName = profileArn?.split('/').at(-1);
  if (InstanceProfileName === undefined) return [];
  const { InstanceProfile } = await client.send(new iam.GetInstanceProfileCommand({ InstanceProfileName }));
  const RoleName = InstanceProfile?.Roles?.[0]?.RoleName;
  if (RoleName === undefined) return [];
  const names: string[] = [];
  for await (const { AttachedPolicies = [] } of iam.paginateListAttachedRolePolicies(
    { client },
    { RoleName },
  )) {
    names.push(...AttachedPolicies.map(({ PolicyName }) => PolicyName ?? ''));
  }
  return names;
}

async function readEndpoints(client: ec2.EC2Client, { vpcId }: Instance): Promise<EndpointFacts[]> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const interfaces: ec2.VpcEndpoint[] = [];
  for await (const { VpcEndpoints = [] } of ec2.paginateDescribeVpcEndpoints({ client }, { Filters })) {
    interfaces.push(...VpcEndpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface'));
  }
  const ids = [...new Set(interfaces.flatMap(({ Groups = [] }) => Groups.map(({ GroupId }) => GroupId!)))];
  const groups = ids.length === 0 ? [] : await orNull(() => readGroups(client, ids));
  return interfaces.map((endpoint) => {
    const securityGroupIds = (endpoint.Groups ?? []).map(({ GroupId }) => GroupId!);
    const own = groups?.filter(({ GroupId }) => securityGroupIds.includes(GroupId!));
    return {
      // com.amazonaws.ap-southeast-1.ssmmessages
      service: endpoint.ServiceName?.split('.').at(-1) ?? '',
      state: String(endpoint.State),
      hasPrivateDns: endpoint.PrivateDnsEnabled === true,
      securityGroupIds,
      ingress: own?.flatMap(({ IpPermissions = [] }) => IpPermissions.map(ruleOf)) ?? null,
    };
  });
}

async function readGroups(client: ec2.EC2Client, GroupIds: string[]): Promise<ec2.SecurityGroup[]> {
  const groups: ec2.SecurityGroup[] = [];
  for await (const { SecurityGroups = [] } of ec2.paginateDescribeSecurityGroups({ client }, { GroupIds })) {
    groups.push(...SecurityGroups);
  }
  return groups;
}

function ruleOf(permission: ec2.IpPermission): IngressRule {
  return {
    protocol: permission.IpProtocol ?? '',
    fromPort: permission.FromPort ?? 0,
    toPort: permission.ToPort ?? 65_535,
    cidrs: (permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp ?? ''),
    hasPrefixLists: (permission.PrefixListIds ?? []).length > 0,
    securityGroupIds: (permission.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId ?? ''),
  };
}

async function readDefaultRoute(client: ec2.EC2Client, { subnetId, vpcId }: Instance): Promise<boolean> {
  const tables = async (Filters: ec2.Filter[]): Promise<ec2.RouteTable[]> =>
    (await client.send(new ec2.DescribeRouteTablesCommand({ Filters }))).RouteTables ?? [];
  const own = await tables([{ Name: 'association.subnet-id', Values: [subnetId] }]);
  // A subnet without a table of its own uses the main one.
  const main = { Name: 'association.main', Values: ['true'] };
  const table = own[0] ?? (await tables([main, { Name: 'vpc-id', Values: [vpcId] }]))[0];
  return (table?.Routes ?? []).some(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
}
