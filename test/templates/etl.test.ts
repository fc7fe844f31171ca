import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parametersOf, RAW_BUCKET } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { readTemplate, type Resource, type Value } from './support/template.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: Value;
  readonly Condition?: Value;
}

const template = readTemplate('etl');
const render = (over: Record<string, string> = {}): Readonly<Record<string, Resource>> =>
  renderTemplate(template, { ...parametersOf('etl'), ...over }).Resources;
const propertiesOf = (id: string, over: Record<string, string> = {}): Readonly<Record<string, Value>> =>
  render(over)[id]!.Properties!;

/** Those of the function's role that hold in a stage. */
function statementsOf(stage: string): Statement[] {
  const { Policies } = propertiesOf('Role', { Stage: stage }) as unknown as {
    Policies: { PolicyDocument: { Statement: Statement[] } }[];
  };
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

const actionsOf = (pattern: RegExp): Statement[] =>
  statementsOf('dev').filter(({ Action }) => [Action].flat().some((action) => pattern.test(action)));

test('the function stands in the private subnet, with all the time there is', () => {
  const { VpcConfig, Timeout } = propertiesOf('Function');
  assert.deepEqual(VpcConfig, {
    SubnetIds: ['subnet-0123456789abcdef0'],
    SecurityGroupIds: ['sg-0123456789abcdef2'],
  });
  assert.equal(Timeout, 900);
});

test('the function is told where things are, and no secret', () => {
  const { Variables } = propertiesOf('Function', { Stage: 'blue' })['Environment'] as { Variables: Value };
  assert.deepEqual(Variables, {
    RAW_BUCKET: RAW_BUCKET,
    RAW_BUCKET_NAME: RAW_BUCKET,
    DWH_HOST: '10.0.128.10',
    DWH_PORT: '5432',
    DWH_USER: 'etl_writer',
    DWH_DATABASE: 'clickstream_dw',
    DWH_PASSWORD_PARAMETER: '/sbw/blue/dwh/etl-password',
    DWH_CA_PARAMETER: '/sbw/blue/dwh/ca-certificate',
  });
});

test('it reads raw events, and cannot change or remove one', () => {
  assert.deepEqual(
    actionsOf(/^s3:/).map(({ Action, Resource: resource }) => [Action, resource]),
    [
      ['s3:ListBucket', `arn:aws:s3:::${RAW_BUCKET}`],
      ['s3:GetObject', `arn:aws:s3:::${RAW_BUCKET}/events/*`],
    ],
  );
});

test('it reads the two parameters of its own stage, and not the key of the authority', () => {
  const parameter = 'arn:aws:ssm:ap-southeast-1:123456789012:parameter/sbw';
  const [statement, ...others] = statementsOf('blue').filter(({ Action }) =>
    /^ssm:/.test([Action].flat()[0]!),
  );
  assert.deepEqual(others, []);
  assert.deepEqual(statement?.Resource, [
    `${parameter}/blue/dwh/etl-password`,
    `${parameter}/blue/dwh/ca-certificate`,
  ]);
});

test('network cards are made by Lambda under its role, and not by its code', () => {
  const [allowed, denied, ...others] = actionsOf(/^ec2:/);
  assert.deepEqual(others, []);
  assert.deepEqual([allowed?.Effect, denied?.Effect], ['Allow', 'Deny']);
  assert.deepEqual(denied?.Action, allowed?.Action);
  assert.deepEqual(denied?.Condition, {
    ArnEquals: {
      'lambda:SourceFunctionArn': 'arn:aws:lambda:ap-southeast-1:123456789012:function:SBW_Lamda_ETL',
    },
  });
});

test('concurrency is reserved only when asked: a new account cannot spare any', () => {
  assert.equal(propertiesOf('Function')['ReservedConcurrentExecutions'], undefined);
  assert.equal(propertiesOf('Function', { ReservedConcurrency: '1' })['ReservedConcurrentExecutions'], '1');
  const pattern = new RegExp(template.Parameters['ReservedConcurrency']!.AllowedPattern!);
  // Zero would mean: never.
  assert.doesNotMatch('0', pattern);
});

test('the rule is made disabled, with the schedule that was asked for, and may start this function only', () => {
  const { State, ScheduleExpression, Targets } = propertiesOf('Rule', {
    ScheduleExpression: 'cron(5 * * * ? *)',
  });
  assert.deepEqual([State, ScheduleExpression], ['DISABLED', 'cron(5 * * * ? *)']);
  assert.deepEqual(
    (Targets as { Arn: string }[]).map(({ Arn }) => Arn),
    ['<Function.Arn>'],
  );
  assert.equal(propertiesOf('Permission')['SourceArn'], '<Rule.Arn>');
  assert.equal(template.Parameters['ScheduleExpression']!.Default, 'rate(1 hour)');
});

test('what was given up comes to the queue, from Lambda and from the schedule', () => {
  assert.deepEqual(propertiesOf('Retries')['DestinationConfig'], {
    OnFailure: { Destination: '<DeadLetters.Arn>' },
  });
  const [target] = propertiesOf('Rule')['Targets'] as { DeadLetterConfig: Value }[];
  assert.deepEqual(target?.DeadLetterConfig, { Arn: '<DeadLetters.Arn>' });
  assert.deepEqual(
    actionsOf(/^sqs:/).map(({ Resource: resource }) => resource),
    ['<DeadLetters.Arn>'],
  );
  const { Statement } = propertiesOf('DeadLettersPolicy')['PolicyDocument'] as unknown as {
    Statement: Statement[];
  };
  assert.deepEqual(Statement[0]?.Condition, { ArnEquals: { 'aws:SourceArn': '<Rule.Arn>' } });
});

test('four alarms, each to the topic, and the topic to an address when there is one', () => {
  const alarms = Object.values(render()).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  assert.deepEqual(
    alarms.map(({ Properties }) => [Properties!['Namespace'], Properties!['MetricName']]),
    [
      ['AWS/Lambda', 'Errors'],
      ['sbw', 'DataAgeSeconds'],
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible'],
      ['AWS/ApiGateway', '5xx'],
    ],
  );
  for (const { Properties } of alarms) assert.deepEqual(Properties!['AlarmActions'], ['<AlarmTopic>']);
  assert.equal(render()['AlarmSubscription'], undefined);
  assert.equal(propertiesOf('AlarmSubscription', { AlarmEmail: 'ops@shop.example' })['Protocol'], 'email');
});

test('the age of the data is judged by how often the ETL runs; silence is told too', () => {
  const hourly = propertiesOf('DataAgeAlarm');
  assert.deepEqual([hourly['Threshold'], hourly['EvaluationPeriods'], hourly['Period']], [10_800, 3, 3600]);
  assert.deepEqual(hourly['InsufficientDataActions'], ['<AlarmTopic>']);
  assert.equal(
    propertiesOf('DataAgeAlarm', { ScheduleExpression: 'cron(5 * * * ? *)' })['Threshold'],
    10_800,
  );
  const daily = propertiesOf('DataAgeAlarm', { ScheduleExpression: 'rate(1 day)' });
  assert.ok((daily['Threshold'] as number) > 24 * 3600);
});
