import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as ec2 from '@aws-sdk/client-ec2';
import type { Directory, Instance } from '../../../tunnel/target/find-instance.ts';
import { toSbwError } from '../../aws/aws-errors.ts';

type Settings = (service: string) => cloudformation.CloudFormationClientConfig & ec2.EC2ClientConfig;

const NOT_TERMINATED = ['pending', 'running', 'stopping', 'stopped'];

/** @param settings for a client, by the service's name in AWS_ENDPOINT_URL_<service> */
export function openDirectory(settings: Settings, profile: string | undefined): Directory {
  async function describe(filters: ec2.Filter[]): Promise<Instance[]> {
    const client = new ec2.EC2Client(settings('EC2'));
    const found: Instance[] = [];
    try {
      let NextToken: string | undefined;
      do {
        const page = await client.send(new ec2.DescribeInstancesCommand({ Filters: filters, NextToken }));
        for (const { Instances = [], OwnerId = '' } of page.Reservations ?? []) {
          found.push(...Instances.map((one) => instanceOf(one, OwnerId)));
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return found;
    } catch (error) {
      throw toSbwError(error, { action: 'ec2:DescribeInstances', profile });
    } finally {
      client.destroy();
    }
  }
  const alive: ec2.Filter = { Name: 'instance-state-name', Values: NOT_TERMINATED };
  return {
    outputsOf: async (stack) => {
      const client = new cloudformation.CloudFormationClient(settings('CLOUDFORMATION'));
      try {
        const { Stacks } = await client.send(new cloudformation.DescribeStacksCommand({ StackName: stack }));
        const outputs = Stacks?.[0]?.Outputs ?? [];
        return Object.fromEntries(outputs.map((one) => [one.OutputKey ?? '', one.OutputValue ?? '']));
      } catch (error) {
        if ((error as Error).name === 'ValidationError' && /does not exist/.test((error as Error).message))
          return null;
        throw toSbwError(error, { action: 'cloudformation:DescribeStacks', profile });
      } finally {
        client.destroy();
      }
    },
    instancesWith: (tags) =>
      describe([
        alive,
        ...Object.entries(tags).map(([name, value]) => ({ Name: `tag:${name}`, Values: [value] })),
      ]),
    // By filter: an id that does not exist is an answer, not an error.
    findInstance: async (id) => (await describe([alive, { Name: 'instance-id', Values: [id] }]))[0] ?? null,
  };
}

function instanceOf(instance: ec2.Instance, accountId: string): Instance {
  return {
    id: instance.InstanceId!,
    accountId,
    name: instance.Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '',
    state: instance.State?.Name ?? '',
    privateIp: instance.PrivateIpAddress ?? '',
    vpcId: instance.VpcId ?? '',
    subnetId: instance.SubnetId ?? '',
    securityGroupIds: (instance.SecurityGroups ?? []).map(({ GroupId }) => GroupId!),
    profileArn: instance.IamInstanceProfile?.Arn ?? null,
  };
}
