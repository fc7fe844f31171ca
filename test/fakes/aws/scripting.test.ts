import {
  CloudFormationClient,
  DescribeStacksCommand,
  DescribeStackEventsCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { SimulatePrincipalPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
  StartSessionCommand,
} from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Bench, roleOf, settingsFor, startBench, templateOf } from './testing/stacks.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

test('every protocol says throttled, denied and expired in its own words', async () => {
  const { aws } = bench;
  const settings = settingsFor(aws);
  const asks: Record<string, () => Promise<unknown>> = {
    'cloudformation:DescribeStacks': () =>
      new CloudFormationClient(settings).send(new DescribeStacksCommand({})),
    'ec2:DescribeVpcs': () => new EC2Client(settings).send(new DescribeVpcsCommand({})),
    'ssm:GetParameter': () =>
      new SSMClient(settings).send(
        new GetParameterCommand({ Name: '/aws/service/debian/release/13/latest/amd64' }),
      ),
    's3:PutObject': () => new S3Client(settings).send(new PutObjectCommand({ Bucket: 'a-bucket', Key: 'k' })),
  };
  aws.seed.bucket('a-bucket');
  const names: string[][] = [];
  for (const [action, ask] of Object.entries(asks)) {
    const row: string[] = [];
    for (const error of ['throttled', 'access-denied', 'expired-credentials'] as const) {
      aws.fail({ action, error });
      row.push(
        await ask().then(
          () => 'nothing',
          ({ name }: Error) => name,
        ),
      );
    }
    await ask();
    names.push(row);
  }
  assert.deepEqual(names, [
    ['Throttling', 'AccessDenied', 'ExpiredToken'],
    ['RequestLimitExceeded', 'UnauthorizedOperation', 'RequestExpired'],
    ['ThrottlingException', 'AccessDeniedException', 'ExpiredTokenException'],
    ['SlowDown', 'AccessDenied', 'ExpiredToken'],
  ]);
});

test('a failure can wait, count and choose', async () => {
  const { aws } = bench;
  const client = new SSMClient(settingsFor(aws));
  const put = async (Name: string): Promise<string> =>
    client.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' })).then(
      () => 'ok',
      ({ name }: Error) => name,
    );
  aws.fail({
    action: 'ssm:*',
    error: { code: 'Odd', message: 'odd' },
    after: 1,
    times: 2,
    when: ({ Name }) => Name !== '/c',
  });
  const answers: string[] = [];
  for (const name of ['/a', '/c', '/b', '/c', '/d', '/e']) answers.push(await put(name));
  assert.deepEqual(answers, ['ok', 'ok', 'Odd', 'ParameterAlreadyExists', 'Odd', 'ok']);
});

test('what is denied stops the caller, CloudFormation in its name, and shows in a simulation', async () => {
  const { aws } = bench;
  aws.deny('iam:CreateRole');
  const role = { Role: roleOf('lambda') };
  assert.equal((await bench.deploy('denied', templateOf(role))).StackStatus, 'ROLLBACK_COMPLETE');
  assert.ok(
    (await bench.events('denied')).some((event) => /not authorized to perform: iam:CreateRole/.test(event)),
  );
  const client = new IAMClient(settingsFor(aws));
  const { EvaluationResults } = await client.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: 'arn:aws:iam::1:user/x',
      ActionNames: ['iam:CreateRole', 'iam:GetRole'],
    }),
  );
  assert.deepEqual(
    EvaluationResults?.map(({ EvalDecision }) => EvalDecision),
    ['implicitDeny', 'allowed'],
  );
  aws.allow('iam:CreateRole');
  await bench.remove('denied');
  assert.equal((await bench.deploy('denied', templateOf(role))).StackStatus, 'CREATE_COMPLETE');
});

test('calls are listed, and cut before or after they are done', async () => {
  const { aws } = bench;
  const content = aws.seed.bucket('a-bucket');
  const client = new S3Client(settingsFor(aws));
  const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: 'a-bucket', Key }));
  aws.onCall(({ input }) =>
    input['Key'] === 'reset' ? 'reset' : input['Key'] === 'lost' ? 'lost-answer' : undefined,
  );
  await assert.rejects(put('reset'));
  await assert.rejects(put('lost'));
  await put('fine');
  assert.deepEqual(content.keys(), ['fine', 'lost']);
  assert.deepEqual(
    aws.calls.map(({ number, action, input }) => [number, action, input['Key']]),
    [
      [1, 's3:PutObject', 'reset'],
      [2, 's3:PutObject', 'lost'],
      [3, 's3:PutObject', 'fine'],
    ],
  );
});

test('what the fake does not have, it says', async () => {
  const settings = settingsFor(bench.aws);
  await assert.rejects(
    new SSMClient(settings).send(new StartSessionCommand({ Target: 'i-1' })),
    /no action ssm:StartSession/,
  );
  await assert.rejects(
    new EC2Client({ ...settings, region: 'eu-west-1' }).send(new DescribeVpcsCommand({})),
    /no region eu-west-1/,
  );
  const { Account } = await new STSClient({ ...settings, region: 'us-east-1' }).send(
    new GetCallerIdentityCommand({}),
  );
  assert.equal(Account, bench.aws.accountId);
});

test('a writer goes on until its function has no concurrency or its bucket is gone', async () => {
  const { aws } = bench;
  const content = aws.seed.bucket('raw');
  const writer = aws.seed.thing({ type: 'AWS::Lambda::Function', id: 'ingest', state: 'Active' });
  aws.startWriter({ bucketName: 'raw', functionName: 'ingest', perMinute: 10 });
  aws.clock.advance(1.05);
  assert.equal(content.keys().length, 10);
  const client = new S3Client(settingsFor(aws));
  for (const Key of content.keys()) await client.send(new DeleteObjectCommand({ Bucket: 'raw', Key }));
  aws.clock.advance(1);
  assert.equal(content.keys().length, 10);
  writer.properties = { ReservedConcurrentExecutions: 0 };
  aws.clock.advance(10);
  assert.equal(content.keys().length, 10);
});

test('events may be late, and pages may repeat', async () => {
  await bench.close();
  bench = await startBench({ events: { lateMinutes: 5, areRepeated: true } });
  const topics = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`T${index}`, { Type: 'AWS::SNS::Topic' }]),
  );
  await bench.execute(await bench.plan('late', templateOf(topics)));
  bench.aws.clock.advance(1);
  assert.equal((await bench.stack('late')).StackStatus, 'CREATE_COMPLETE');
  const client = new CloudFormationClient(settingsFor(bench.aws));
  const ids = async (): Promise<string[]> => {
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new DescribeStackEventsCommand({ StackName: 'late', NextToken }));
      found.push(...page.StackEvents!.map(({ EventId }) => EventId!));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return found;
  };
  const early = await ids();
  assert.ok(new Set(early).size < early.length, 'some come twice');
  bench.aws.clock.advance(5);
  assert.ok(new Set(await ids()).size > new Set(early).size, 'some come late');
});
