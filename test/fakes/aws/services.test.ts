import * as api from '@aws-sdk/client-apigatewayv2';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as dlm from '@aws-sdk/client-dlm';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openClients } from './testing/clients.ts';
import { type Bench, roleOf, settingsFor, startBench } from './testing/stacks.ts';
import { everyService } from './testing/template.ts';

let bench: Bench;
let clients: ReturnType<typeof openClients>;

before(async () => {
  bench = await startBench({ tagLag: 1 });
  clients = openClients(settingsFor(bench.aws));
  const { StackStatus } = await bench.deploy('everything', everyService, {
    Tags: [{ Key: 'sbw:stage', Value: 'dev' }],
  });
  assert.equal(StackStatus, 'CREATE_COMPLETE');
});
after(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await bench.close();
});

test('Lambda lists, configures, reserves and runs functions', async () => {
  const { Functions } = await clients.lambda.send(new lambda.ListFunctionsCommand({}));
  assert.deepEqual(
    Functions?.map(({ FunctionName }) => FunctionName),
    ['worker'],
  );
  bench.aws.onInvoke((name, payload) => ({ payload: { name, payload } }));
  const call = () =>
    clients.lambda.send(
      new lambda.InvokeCommand({ FunctionName: 'worker', Payload: Buffer.from('{"a":1}') }),
    );
  assert.equal((await call()).Payload?.transformToString(), '{"name":"worker","payload":{"a":1}}');
  const configure = () =>
    clients.lambda.send(
      new lambda.UpdateFunctionConfigurationCommand({ FunctionName: 'worker', Timeout: 9 }),
    );
  await configure();
  await assert.rejects(configure(), { name: 'ResourceConflictException' });
  bench.aws.clock.advance(1);
  const { Configuration } = await clients.lambda.send(
    new lambda.GetFunctionCommand({ FunctionName: 'worker' }),
  );
  assert.deepEqual([Configuration?.Timeout, Configuration?.LastUpdateStatus], [9, 'Successful']);
  await clients.lambda.send(
    new lambda.PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions: 0 }),
  );
  await assert.rejects(call(), { name: 'TooManyRequestsException' });
  await assert.rejects(
    clients.lambda.send(
      new lambda.PutFunctionConcurrencyCommand({ FunctionName: 'worker', ReservedConcurrentExecutions: 950 }),
    ),
    /below its minimum value of \[100\]/,
  );
  const { AccountLimit } = await clients.lambda.send(new lambda.GetAccountSettingsCommand({}));
  assert.equal(AccountLimit?.ConcurrentExecutions, 1000);
});

test('an HTTP API shows its parts and changes its stage', async () => {
  const { Items } = await clients.api.send(new api.GetApisCommand({}));
  const ApiId = Items?.[0]?.ApiId;
  const routes = await clients.api.send(new api.GetRoutesCommand({ ApiId }));
  assert.deepEqual(
    routes.Items?.map(({ RouteKey }) => RouteKey),
    ['POST /clickstream'],
  );
  await clients.api.send(
    new api.UpdateStageCommand({
      ApiId,
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1 },
    }),
  );
  const stage = await clients.api.send(new api.GetStageCommand({ ApiId, StageName: '$default' }));
  assert.equal(stage.DefaultRouteSettings?.ThrottlingRateLimit, 1);
  await assert.rejects(clients.api.send(new api.GetApiCommand({ ApiId: 'absent' })), {
    name: 'NotFoundException',
  });
});

test("a rule is switched, and holds on while somebody else's target is on it", async () => {
  await clients.events.send(new events.DisableRuleCommand({ Name: 'hourly' }));
  assert.equal(
    (await clients.events.send(new events.DescribeRuleCommand({ Name: 'hourly' }))).State,
    'DISABLED',
  );
  const { Targets } = await clients.events.send(new events.ListTargetsByRuleCommand({ Rule: 'hourly' }));
  assert.deepEqual(
    Targets?.map(({ Id }) => Id),
    ['worker'],
  );
  await assert.rejects(
    clients.events.send(new events.DeleteRuleCommand({ Name: 'hourly' })),
    /since it has targets/,
  );
});

test('logs, alarms, topics, queues and snapshot policies are found where they should be', async () => {
  const { logGroups } = await clients.logs.send(
    new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/' }),
  );
  assert.deepEqual(
    logGroups?.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays]),
    [['/aws/lambda/worker', 30]],
  );
  bench.aws.log('/aws/lambda/worker', 'START', 'it went wrong', 'END');
  const found = await clients.logs.send(
    new logs.FilterLogEventsCommand({ logGroupName: '/aws/lambda/worker', filterPattern: '"wrong"' }),
  );
  assert.deepEqual(
    found.events?.map(({ message }) => message),
    ['it went wrong'],
  );
  const { MetricAlarms } = await clients.cloudwatch.send(new cloudwatch.DescribeAlarmsCommand({}));
  assert.deepEqual(
    MetricAlarms?.map(({ AlarmName }) => AlarmName),
    ['errors'],
  );
  const { Topics } = await clients.sns.send(new sns.ListTopicsCommand({}));
  const { Subscriptions } = await clients.sns.send(
    new sns.ListSubscriptionsByTopicCommand({ TopicArn: Topics?.[0]?.TopicArn }),
  );
  assert.equal(Subscriptions?.[0]?.SubscriptionArn, 'PendingConfirmation');
  const { QueueUrl } = await clients.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: 'dead' }));
  await clients.sqs.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const { Attributes } = await clients.sqs.send(new sqs.GetQueueAttributesCommand({ QueueUrl }));
  assert.equal(Attributes?.['ApproximateNumberOfMessages'], '1');
  await assert.rejects(
    clients.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: 'absent' })),
    /does not exist/,
  );
  const { Policies } = await clients.dlm.send(new dlm.GetLifecyclePoliciesCommand({}));
  assert.equal(Policies?.[0]?.State, 'ENABLED');
});

test('a build takes its time, writes its objects, and leaves a log group that no stack knows', async () => {
  const content = bench.aws.seed.bucket('assets');
  bench.aws.onBuild((_project, { TARGET = '' }) => ({
    minutes: 12,
    status: 'SUCCEEDED',
    log: ['done'],
    objects: [{ bucketName: 'assets', key: TARGET, body: 'bundle' }],
  }));
  const { build } = await clients.codebuild.send(
    new codebuild.StartBuildCommand({
      projectName: 'bundler',
      environmentVariablesOverride: [{ name: 'TARGET', value: 'host/bundle.tar' }],
    }),
  );
  const look = async () =>
    (await clients.codebuild.send(new codebuild.BatchGetBuildsCommand({ ids: [build!.id!] }))).builds![0]!;
  assert.equal((await look()).buildStatus, 'IN_PROGRESS');
  bench.aws.clock.advance(13);
  assert.equal((await look()).buildStatus, 'SUCCEEDED');
  assert.equal(content.current('host/bundle.tar')?.body.toString(), 'bundle');
  assert.ok(bench.aws.residue().some(({ id }) => id === '/aws/codebuild/bundler'));
});

test('parameters: secrets stay shut without decryption, paths are deep or shallow', async () => {
  const put = (Name: string, Type: ssm.ParameterType) =>
    clients.ssm.send(new ssm.PutParameterCommand({ Name, Type, Value: 'open sesame' }));
  await put('/sbw/dev/dwh/password', 'SecureString');
  await put('/sbw/dev/plain', 'String');
  const shut = await clients.ssm.send(new ssm.GetParameterCommand({ Name: '/sbw/dev/dwh/password' }));
  assert.notEqual(shut.Parameter?.Value, 'open sesame');
  const open_ = await clients.ssm.send(
    new ssm.GetParameterCommand({ Name: '/sbw/dev/dwh/password', WithDecryption: true }),
  );
  assert.equal(open_.Parameter?.Value, 'open sesame');
  const below = async (Recursive: boolean) =>
    (await clients.ssm.send(new ssm.GetParametersByPathCommand({ Path: '/sbw/dev', Recursive }))).Parameters
      ?.length;
  assert.deepEqual([await below(false), await below(true)], [1, 2]);
  await assert.rejects(put('/sbw/dev/plain', 'String'), { name: 'ParameterAlreadyExists' });
  await assert.rejects(put('/aws/service/x', 'String'), { name: 'ValidationException' });
});

test('a role goes only when nothing hangs on it', async () => {
  bench.aws.seed.thing({
    type: 'AWS::IAM::Role',
    id: 'by-hand',
    properties: {
      ...(roleOf('lambda') as { Properties: object }).Properties,
      Policies: [{ PolicyName: 'p' }],
    },
  });
  const remove = () => clients.iam.send(new iam.DeleteRoleCommand({ RoleName: 'by-hand' }));
  await assert.rejects(remove(), { name: 'DeleteConflictException' });
  await clients.iam.send(new iam.DeleteRolePolicyCommand({ RoleName: 'by-hand', PolicyName: 'p' }));
  await remove();
  await assert.rejects(remove(), { name: 'NoSuchEntityException' });
});

test('the tagging API pages, leaves roles out, and for a while shows what is gone', async () => {
  const ask = async (): Promise<string[]> => {
    const arns: string[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await clients.tagging.send(
        new tagging.GetResourcesCommand({
          PaginationToken,
          TagFilters: [{ Key: 'sbw:stage', Values: ['dev'] }],
        }),
      );
      arns.push(...page.ResourceTagMappingList!.map(({ ResourceARN }) => ResourceARN!));
      ({ PaginationToken } = page);
    } while (PaginationToken !== '' && PaginationToken !== undefined);
    return arns;
  };
  const arns = await ask();
  assert.ok(arns.includes(`arn:aws:lambda:ap-southeast-1:${bench.aws.accountId}:function:worker`));
  assert.ok(!arns.some((arn) => arn.includes(':role/')));
  bench.aws.seed.vanish('AWS::CloudWatch::Alarm', 'errors');
  assert.equal((await ask()).length, arns.length);
  bench.aws.clock.advance(1.5);
  assert.equal((await ask()).length, arns.length - 1);
});

test('all of it goes with its stack, but what was made beside it', async () => {
  await bench.remove('everything');
  assert.deepEqual(
    bench.aws
      .residue()
      .map(({ id }) => id)
      .toSorted(),
    ['/aws/codebuild/bundler', '/sbw/dev/dwh/password', '/sbw/dev/plain', 'assets'],
  );
});
