import * as sdk from '@aws-sdk/client-cloudformation';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bench, startBench, templateOf } from './testing/stacks.ts';

let bench: Bench;
before(async () => {
  bench = await startBench();
});
after(() => bench.close());

const vpc = (more: object = {}): object => ({
  Type: 'AWS::EC2::VPC',
  Properties: { CidrBlock: '10.0.0.0/16', Tags: [{ Key: 'Name', Value: 'one' }], ...more },
});
const subnet = { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/20' } };

const refusal = (code: string, pattern: RegExp) => (error: Error) => {
  assert.equal(error.name, code);
  assert.match(error.message, pattern);
  return true;
};

test('a change set of a new stack leaves it REVIEW_IN_PROGRESS until it is executed', async () => {
  const plan = await bench.plan('new', templateOf({ Vpc: vpc(), Subnet: subnet }));
  assert.equal(plan.Status, 'CREATE_COMPLETE');
  assert.equal(plan.ExecutionStatus, 'AVAILABLE');
  assert.deepEqual(
    plan.Changes?.map(({ ResourceChange }) => [ResourceChange?.Action, ResourceChange?.LogicalResourceId]),
    [
      ['Add', 'Vpc'],
      ['Add', 'Subnet'],
    ],
  );
  assert.equal((await bench.stack('new')).StackStatus, 'REVIEW_IN_PROGRESS');
  await bench.execute(plan);
  assert.equal((await bench.stack('new')).StackStatus, 'CREATE_IN_PROGRESS');
  bench.aws.clock.finish();
  assert.equal((await bench.stack('new')).StackStatus, 'CREATE_COMPLETE');
});

test('the same again fails with the words for no changes', async () => {
  const plan = await bench.plan('new', templateOf({ Vpc: vpc(), Subnet: subnet }));
  assert.equal(plan.Status, 'FAILED');
  assert.match(plan.StatusReason ?? '', /didn't contain changes/);
  await assert.rejects(bench.execute(plan), refusal('InvalidChangeSetStatusException', /\[FAILED\]/));
});

test('a create-only property means replacement, and what refers to the resource is conditional', async () => {
  const plan = await bench.plan(
    'new',
    templateOf({ Vpc: vpc({ CidrBlock: '10.1.0.0/16' }), Subnet: subnet }),
  );
  const changes = Object.fromEntries(
    plan.Changes!.map(({ ResourceChange: one }) => [one!.LogicalResourceId!, one!]),
  );
  assert.equal(changes['Vpc']?.Replacement, 'True');
  assert.deepEqual(
    changes['Vpc'].Details?.map(({ Target }) => [Target?.Name, Target?.RequiresRecreation]),
    [['CidrBlock', 'Always']],
  );
  assert.equal(changes['Vpc'].PolicyAction, 'ReplaceAndDelete');
  assert.equal(changes['Subnet']?.Replacement, 'Conditional');
});

test('tags change in place; what the template no longer has is removed', async () => {
  const plan = await bench.plan('new', templateOf({ Vpc: vpc({ Tags: [{ Key: 'Name', Value: 'two' }] }) }));
  assert.deepEqual(
    plan.Changes?.map(({ ResourceChange: one }) => [one?.Action, one?.LogicalResourceId, one?.Replacement]),
    [
      ['Modify', 'Vpc', 'False'],
      ['Remove', 'Subnet', undefined],
    ],
  );
});

test('only the first of two change sets can be executed', async () => {
  const one = await bench.plan('new', templateOf({ Vpc: vpc({ EnableDnsSupport: true }), Subnet: subnet }));
  const two = await bench.plan('new', templateOf({ Vpc: vpc({ EnableDnsHostnames: true }), Subnet: subnet }));
  await bench.execute(one);
  bench.aws.clock.finish();
  await assert.rejects(bench.execute(two), refusal('InvalidChangeSetStatusException', /\[OBSOLETE\]/));
});

test('changes come in pages, and are complete', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 13 }, (_, index) => [`Topic${index}`, { Type: 'AWS::SNS::Topic' }]),
  );
  const { ChangeSetId, Changes, NextToken } = await bench.plan('many', templateOf(many));
  assert.equal(Changes?.length, 5);
  const second = await bench.client.send(
    new sdk.DescribeChangeSetCommand({ ChangeSetName: ChangeSetId, NextToken }),
  );
  assert.equal(second.Changes?.length, 5);
});

test('early validation finds a taken bucket name and a misspelt property before anything is made', async () => {
  bench.aws.seed.takeBucketName('somebodys-bucket');
  const taken = await bench.plan(
    'taken',
    templateOf({ Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'somebodys-bucket' } } }),
  );
  assert.equal(taken.Status, 'FAILED');
  assert.match(taken.StatusReason ?? '', /AWS::EarlyValidation::ResourceExistenceCheck.*DescribeEvents API/);
  const { OperationEvents } = await bench.client.send(
    new sdk.DescribeEventsCommand({ ChangeSetName: taken.ChangeSetId, Filters: { FailedEvents: true } }),
  );
  assert.match(OperationEvents?.[0]?.ValidationStatusReason ?? '', /'somebodys-bucket' already exists/);
  const misspelt = await bench.plan(
    'misspelt',
    templateOf({ Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketNme: 'x' } } }),
  );
  assert.match(misspelt.StatusReason ?? '', /PropertyValidation/);
  assert.equal((await bench.stack('misspelt')).StackStatus, 'REVIEW_IN_PROGRESS');
});

test('kinds, names and ids are minded', async () => {
  const template = templateOf({ Topic: { Type: 'AWS::SNS::Topic' } });
  await assert.rejects(
    bench.plan('absent', template, { ChangeSetType: 'UPDATE' }),
    refusal('ValidationError', /Stack \[absent\] does not exist/),
  );
  await assert.rejects(
    bench.plan('new', template, { ChangeSetType: 'CREATE' }),
    refusal('ValidationError', /already exists/),
  );
  await assert.rejects(bench.plan('under_score', template), refusal('ValidationError', /stackName/));
  await assert.rejects(
    bench.client.send(new sdk.DescribeChangeSetCommand({ ChangeSetName: 'arn:aws:cloudformation:x' })),
    refusal('ChangeSetNotFoundException', /does not exist/),
  );
});

test('what AWS refuses at once: parameters, capabilities, size, references', async () => {
  const parameters = {
    Parameters: { A: { Type: 'String' }, B: { Type: 'String', Default: 'b', AllowedValues: ['b'] } },
  };
  const topic = {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'A' }, DisplayName: { Ref: 'B' } } },
  };
  const give = (values: Record<string, string>) => ({
    Parameters: Object.entries(values).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });
  const rejects = (
    template: string,
    more: Partial<sdk.CreateChangeSetInput>,
    code: string,
    pattern: RegExp,
  ) => assert.rejects(bench.plan('rules', template, more), refusal(code, pattern));
  await rejects(templateOf(topic, parameters), {}, 'ValidationError', /Parameters: \[A\] must have values/);
  await rejects(
    templateOf(topic, parameters),
    give({ A: 'a', C: 'c' }),
    'ValidationError',
    /\[C\] do not exist/,
  );
  await rejects(
    templateOf(topic, parameters),
    give({ A: 'a', B: 'x' }),
    'ValidationError',
    /'B' must be one of/,
  );
  await rejects(
    templateOf(topic),
    {},
    'ValidationError',
    /Unresolved resource dependencies \[A, B\] in the Resources/,
  );
  await rejects(
    templateOf({
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x', AssumeRolePolicyDocument: {} } },
    }),
    { Capabilities: ['CAPABILITY_IAM'] },
    'InsufficientCapabilitiesException',
    /CAPABILITY_NAMED_IAM/,
  );
  await rejects(
    templateOf({ T: { Type: 'AWS::SNS::Topic' } }, { Description: 'x'.repeat(52_000) }),
    {},
    'ValidationError',
    /51200/,
  );
  await rejects(templateOf({}), {}, 'ValidationError', /At least one Resources member/);
  await rejects('{{', {}, 'ValidationError', /not well-formed/);
  const circle = {
    A: { Type: 'AWS::SNS::Topic', DependsOn: 'B' },
    B: { Type: 'AWS::SNS::Topic', DependsOn: 'A' },
  };
  await rejects(templateOf(circle), {}, 'ValidationError', /Circular dependency/);
  await rejects(
    templateOf({ A: { Type: 'AWS::Nothing::Here' } }),
    {},
    'ValidationError',
    /Unrecognized resource types/,
  );
});

test('NoEcho values are never shown', async () => {
  const secret = templateOf(
    { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'Word' } } } },
    { Parameters: { Word: { Type: 'String', NoEcho: true } } },
  );
  const { Parameters } = await bench.deploy('secret', secret, {
    Parameters: [{ ParameterKey: 'Word', ParameterValue: 'open sesame' }],
  });
  assert.deepEqual(Parameters, [{ ParameterKey: 'Word', ParameterValue: '****' }]);
});
