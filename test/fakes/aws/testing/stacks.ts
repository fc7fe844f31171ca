import * as sdk from '@aws-sdk/client-cloudformation';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../fake-aws.ts';

/** What every SDK client needs to speak to the fake. */
export const settingsFor = ({ endpointUrl, region }: Pick<FakeAws, 'endpointUrl' | 'region'>) => ({
  endpoint: endpointUrl,
  region,
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

/** A fake whose clock stands still but for what the test does, and CloudFormation on it. */
export interface Bench {
  readonly aws: FakeAws;
  readonly client: sdk.CloudFormationClient;
  /** Makes a change set and lets it be compared. */
  plan(
    stackName: string,
    template: string,
    more?: Partial<sdk.CreateChangeSetInput>,
  ): Promise<sdk.DescribeChangeSetCommandOutput>;
  /** Plans, executes and lets everything happen. */
  deploy(stackName: string, template: string, more?: Partial<sdk.CreateChangeSetInput>): Promise<sdk.Stack>;
  /** Executes, and leaves the clock alone. */
  execute(changeSet: sdk.DescribeChangeSetCommandOutput): Promise<void>;
  /** Deletes and lets everything happen. */
  remove(stackName: string, more?: Partial<sdk.DeleteStackInput>): Promise<sdk.Stack>;
  stack(nameOrId: string): Promise<sdk.Stack>;
  /** All pages, oldest first, as `LogicalId STATUS reason`. */
  events(nameOrId: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function startBench(options: FakeAwsOptions = {}): Promise<Bench> {
  const aws = await startFakeAws({ msPerMinute: Infinity, ...options });
  const client = new sdk.CloudFormationClient(settingsFor(aws));
  let changeSets = 0;

  const stack = async (nameOrId: string): Promise<sdk.Stack> => {
    const { Stacks } = await client.send(new sdk.DescribeStacksCommand({ StackName: nameOrId }));
    return Stacks![0]!;
  };
  const plan: Bench['plan'] = async (stackName, template, more = {}) => {
    changeSets += 1;
    const { Id } = await client.send(
      new sdk.CreateChangeSetCommand({
        StackName: stackName,
        ChangeSetName: `plan-${changeSets}`,
        ChangeSetType: changeSets === 1 || !(await exists(stackName)) ? 'CREATE' : 'UPDATE',
        TemplateBody: template,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        ...more,
      }),
    );
    aws.clock.advance(1);
    return client.send(new sdk.DescribeChangeSetCommand({ ChangeSetName: Id }));
  };
  const exists = async (stackName: string): Promise<boolean> => {
    try {
      return (await stack(stackName)).StackStatus !== 'REVIEW_IN_PROGRESS';
    } catch {
      return false;
    }
  };
  const findingsOf = async ({ ChangeSetId }: sdk.DescribeChangeSetCommandOutput): Promise<string> => {
    const { OperationEvents } = await client.send(
      new sdk.DescribeEventsCommand({ ChangeSetName: ChangeSetId }),
    );
    return OperationEvents!.map((one) => `${one.ValidationPath!}: ${one.ValidationStatusReason!}`).join('; ');
  };
  const execute: Bench['execute'] = async ({ ChangeSetId }) => {
    await client.send(new sdk.ExecuteChangeSetCommand({ ChangeSetName: ChangeSetId }));
  };
  return {
    aws,
    client,
    plan,
    execute,
    stack,
    deploy: async (stackName, template, more) => {
      const planned = await plan(stackName, template, more);
      if (planned.Status === 'FAILED')
        throw new Error(`${planned.StatusReason!} ${await findingsOf(planned)}`);
      await execute(planned);
      aws.clock.finish();
      return stack(stackName);
    },
    remove: async (stackName, more = {}) => {
      const { StackId } = await stack(stackName);
      await client.send(new sdk.DeleteStackCommand({ StackName: stackName, ...more }));
      aws.clock.finish();
      return stack(StackId!);
    },
    events: async (nameOrId) => {
      const found: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new sdk.DescribeStackEventsCommand({ StackName: nameOrId, NextToken }),
        );
        for (const { LogicalResourceId, ResourceStatus, ResourceStatusReason = '' } of page.StackEvents ??
          []) {
          found.unshift(`${LogicalResourceId!} ${ResourceStatus!} ${ResourceStatusReason}`.trim());
        }
        ({ NextToken } = page);
      } while (NextToken !== undefined);
      return found;
    },
    close: async () => {
      client.destroy();
      await aws.close();
    },
  };
}

/** A template of resources alone, in JSON. */
export const templateOf = (resources: object, rest: object = {}): string =>
  JSON.stringify({ Resources: resources, ...rest });

/** A role for a service of AWS's. */
export const roleOf = (service: string): object => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' },
      ],
    },
  },
});
