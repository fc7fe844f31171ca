import * as api from '@aws-sdk/client-apigatewayv2';
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codeBuild from '@aws-sdk/client-codebuild';
import * as dlm from '@aws-sdk/client-dlm';
import * as ec2 from '@aws-sdk/client-ec2';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import type { Existence } from '../../../stacks/ports/leftovers.ts';
import type { SdkSettings } from '../sdk.ts';
import { unlessGone } from '../call.ts';
import { EC2_QUESTIONS } from './ec2-questions.ts';

interface Question {
  /** As IAM writes it. */
  readonly action: string;
  /** An error named "not found" counts as false. */
  ask(id: string): Promise<boolean>;
}

/** Every service asked for what it has, one thing at a time. */
export function openExistence(settings: SdkSettings): Existence & { close(): void } {
  const clients = {
    api: new api.ApiGatewayV2Client(settings),
    cloudWatch: new cloudWatch.CloudWatchClient(settings),
    codeBuild: new codeBuild.CodeBuildClient(settings),
    dlm: new dlm.DLMClient(settings),
    ec2: new ec2.EC2Client(settings),
    events: new events.EventBridgeClient(settings),
    iam: new iam.IAMClient(settings),
    lambda: new lambda.LambdaClient(settings),
    logs: new logs.CloudWatchLogsClient(settings),
    s3: new s3.S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined }),
    sns: new sns.SNSClient(settings),
    sqs: new sqs.SQSClient(settings),
    ssm: new ssm.SSMClient(settings),
  };
  const questions = questionsOf(clients);
  return {
    exists: async ({ service, noun, id }) => {
      const ofEc2 = service === 'ec2' ? EC2_QUESTIONS[noun] : undefined;
      if (ofEc2 !== undefined) {
        return unlessGone(`ec2:${ofEc2.action}`, false, () => ofEc2.ask(clients.ec2, id));
      }
      const question = questions[noun === '' ? service : `${service}:${noun}`];
      if (question === undefined) return null;
      return unlessGone(question.action, false, () => question.ask(id));
    },
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

interface Clients {
  readonly api: api.ApiGatewayV2Client;
  readonly cloudWatch: cloudWatch.CloudWatchClient;
  readonly codeBuild: codeBuild.CodeBuildClient;
  readonly dlm: dlm.DLMClient;
  readonly events: events.EventBridgeClient;
  readonly iam: iam.IAMClient;
  readonly lambda: lambda.LambdaClient;
  readonly logs: logs.CloudWatchLogsClient;
  readonly s3: s3.S3Client;
  readonly sns: sns.SNSClient;
  readonly sqs: sqs.SQSClient;
  readonly ssm: ssm.SSMClient;
}

/** A question whose answer does not matter: that there is one does. */
function question(action: string, ask: (id: string) => Promise<unknown>): Question {
  return {
    action,
    ask: async (id) => {
      await ask(id);
      return true;
    },
  };
}

const nameIn = (id: string): string => id.split('/').at(-1) ?? id;

/** By service and noun of an ARN. */
function questionsOf(clients: Clients): Readonly<Record<string, Question>> {
  return {
    s3: question('s3:ListBucket', (Bucket) => clients.s3.send(new s3.HeadBucketCommand({ Bucket }))),
    'lambda:function': question('lambda:GetFunctionConfiguration', (FunctionName) =>
      clients.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName })),
    ),
    'events:rule': question('events:DescribeRule', (id) =>
      clients.events.send(new events.DescribeRuleCommand({ Name: nameIn(id) })),
    ),
    'iam:role': question('iam:GetRole', (id) =>
      clients.iam.send(new iam.GetRoleCommand({ RoleName: nameIn(id) })),
    ),
    'iam:instance-profile': question('iam:GetInstanceProfile', (id) =>
      clients.iam.send(new iam.GetInstanceProfileCommand({ InstanceProfileName: nameIn(id) })),
    ),
    sns: question('sns:GetTopicAttributes', (TopicArn) =>
      clients.sns.send(new sns.GetTopicAttributesCommand({ TopicArn })),
    ),
    sqs: question('sqs:GetQueueUrl', (id) =>
      clients.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: nameIn(id) })),
    ),
    apigateway: question('apigateway:GET', (id) =>
      clients.api.send(new api.GetApiCommand({ ApiId: nameIn(id) })),
    ),
    'dlm:policy': question('dlm:GetLifecyclePolicy', (PolicyId) =>
      clients.dlm.send(new dlm.GetLifecyclePolicyCommand({ PolicyId })),
    ),
    ...listed(clients),
  };
}

/** Those that answer with an empty list for what is not there. */
function listed(clients: Clients): Readonly<Record<string, Question>> {
  return {
    'codebuild:project': {
      action: 'codebuild:BatchGetProjects',
      ask: async (name) => {
        const { projects } = await clients.codeBuild.send(
          new codeBuild.BatchGetProjectsCommand({ names: [name] }),
        );
        return (projects ?? []).length > 0;
      },
    },
    'cloudwatch:alarm': {
      action: 'cloudwatch:DescribeAlarms',
      ask: async (name) => {
        const { MetricAlarms } = await clients.cloudWatch.send(
          new cloudWatch.DescribeAlarmsCommand({ AlarmNames: [name] }),
        );
        return (MetricAlarms ?? []).length > 0;
      },
    },
    'logs:log-group': {
      action: 'logs:DescribeLogGroups',
      ask: async (name) => {
        const { logGroups } = await clients.logs.send(
          new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: name }),
        );
        // The exact name comes first of all that begin with it.
        return logGroups?.[0]?.logGroupName === name;
      },
    },
    'ssm:parameter': {
      action: 'ssm:DescribeParameters',
      ask: async (id) => {
        const name = id.startsWith('/') ? id : `/${id}`;
        const { Parameters } = await clients.ssm.send(
          new ssm.DescribeParametersCommand({
            ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [name] }],
          }),
        );
        return (Parameters ?? []).length > 0;
      },
    },
  };
}
