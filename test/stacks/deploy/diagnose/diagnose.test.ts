import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, diagnoseChangeSet } from '../../../../src/stacks/deploy/diagnose/diagnose.ts';
import { explain } from '../../../../src/stacks/deploy/diagnose/causes.ts';
import type { StackEvent } from '../../../../src/stacks/ports/cloudformation.ts';

const STACK_ID = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/sbw-dev-network/1';
const START = Date.UTC(2026, 10, 1, 12);

/** An event so many seconds after the start. */
function event(
  second: number,
  logicalId: string,
  status: string,
  reason = '',
  more: Partial<StackEvent> = {},
) {
  return {
    ...{ id: `${logicalId}-${status}-${second}`, stackId: STACK_ID, stackName: 'sbw-dev-network', logicalId },
    ...{ physicalId: `${logicalId}-1`, type: 'AWS::EC2::VPC', status, reason, token: 'run-1' },
    at: new Date(START + second * 1000),
    ...more,
  };
}

const stackEvent = (second: number, status: string, reason = ''): StackEvent =>
  event(second, 'sbw-dev-network', status, reason, {
    physicalId: STACK_ID,
    type: 'AWS::CloudFormation::Stack',
  });

const LIMIT = 'The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400)';
const TITLES = new Map([['Vpc', 'Network']]);

/** As CloudFormation tells them: the newest first. */
const EVENTS = [
  stackEvent(9, 'ROLLBACK_COMPLETE'),
  stackEvent(4, 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Vpc, Gateway, Doors].'),
  event(3, 'Gateway', 'CREATE_FAILED', 'Resource creation cancelled'),
  event(3, 'Doors', 'CREATE_FAILED', 'Resource creation cancelled'),
  event(2, 'Vpc', 'CREATE_FAILED', LIMIT),
  event(1, 'Vpc', 'CREATE_IN_PROGRESS'),
  stackEvent(0, 'CREATE_IN_PROGRESS', 'User Initiated'),
];

test('the first that failed by itself is the cause; those that fell with it are counted', () => {
  const { code, title, reason, cancelled, others, fix, at, source } = diagnose(EVENTS, TITLES, '');
  assert.deepEqual([code, title, reason, cancelled, others], ['VPC_LIMIT_REACHED', 'Network', LIMIT, 2, []]);
  assert.match(fix ?? '', /VPCs per Region/);
  assert.deepEqual([at, source], [new Date(START + 2000), 'CloudFormation event']);
});

test('order and repetition change nothing', () => {
  const expected = diagnose(EVENTS, TITLES, '');
  assert.deepEqual(diagnose(EVENTS.toReversed(), TITLES, ''), expected);
  assert.deepEqual(diagnose([...EVENTS, ...EVENTS], TITLES, ''), expected);
});

test('others that failed by themselves are named, each once', () => {
  const more = [
    event(3, 'Doors', 'CREATE_FAILED', 'Access denied'),
    event(5, 'Doors', 'DELETE_FAILED', 'Access still denied'),
    event(6, 'Vpc', 'DELETE_FAILED', 'It has dependencies'),
  ];
  const { logicalId, others, cancelled } = diagnose([...EVENTS, ...more], TITLES, '');
  assert.equal(logicalId, 'Vpc');
  assert.deepEqual(others, [{ logicalId: 'Doors', reason: 'Access still denied' }]);
  assert.equal(cancelled, 1);
});

test('events of the same moment: the cause is the same each time', () => {
  const twins = ['B', 'A', 'C'].map((id) => event(2, id, 'CREATE_FAILED', `${id} failed`));
  for (const order of [twins, twins.toReversed()])
    assert.equal(diagnose(order, new Map(), '').logicalId, 'A');
});

test('nothing failed by itself: cancelled by somebody, or no more known than CloudFormation says', () => {
  const cancelled = [
    stackEvent(1, 'UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated'),
    stackEvent(0, 'UPDATE_IN_PROGRESS'),
  ];
  assert.equal(diagnose(cancelled, new Map(), 'Stack update cancelled by user').code, 'DEPLOY_CANCELLED');
  const { code, reason, title } = diagnose([], new Map(), '');
  assert.deepEqual([code, reason, title], ['STACK_FAILED', 'CloudFormation gives no reason', '']);
});

test('a refused change set: what early validation found, or that it cannot be read', () => {
  const finding = {
    ...{ check: 'AWS::EarlyValidation::ResourceExistenceCheck', logicalId: 'Raw', type: 'AWS::S3::Bucket' },
    reason: "Resource of type 'AWS::S3::Bucket' with identifier 'shop-raw' already exists.",
  };
  const titles = new Map([['Raw', 'Raw event bucket']]);
  const seen = diagnoseChangeSet(
    { statusReason: '' },
    [finding, { ...finding, logicalId: 'Assets' }],
    titles,
  );
  assert.equal(seen.code, 'BUCKET_NAME_TAKEN');
  assert.equal(seen.headline, 'the name of the raw event bucket is taken');
  assert.match(seen.fix ?? '', /shop-raw exists.*--set rawBucket=/);
  assert.equal(seen.source, 'CloudFormation early validation (ResourceExistenceCheck)');
  assert.deepEqual(
    seen.others.map(({ logicalId }) => logicalId),
    ['Assets'],
  );
  const hidden = diagnoseChangeSet(
    { statusReason: 'The hook failed: [AWS::EarlyValidation]. early validation' },
    [],
    titles,
  );
  assert.deepEqual([hidden.code, /DescribeEvents/.test(hidden.evidenceProblem)], ['CHANGE_REFUSED', true]);
  assert.equal(diagnoseChangeSet({ statusReason: 'Requires capabilities' }, [], titles).evidenceProblem, '');
});

test("AWS's words, as it writes them, have our code and a fix", () => {
  const said: [string, string, string][] = [
    [
      'AWS::Lambda::Function',
      'Resource handler returned message: "Specified ReservedConcurrentExecutions for function decreases account\'s UnreservedConcurrentExecution below its minimum value of [10]. (Service: Lambda, Status Code: 400)"',
      'CONCURRENCY_TOO_SMALL',
    ],
    [
      'AWS::EC2::EIP',
      'The maximum number of addresses has been reached. (Service: Ec2)',
      'ADDRESS_LIMIT_REACHED',
    ],
    [
      'AWS::EC2::Instance',
      'You have requested more vCPU capacity than your current vCPU limit of 5',
      'SERVER_LIMIT_REACHED',
    ],
    [
      'AWS::EC2::Instance',
      'We currently do not have sufficient t3.small capacity in the Availability Zone you requested',
      'NO_SERVER_TO_BE_HAD',
    ],
    [
      'AWS::EC2::VolumeAttachment',
      'vol-0123456789abcdef0 is already attached to an instance',
      'VOLUME_IN_USE',
    ],
    [
      'AWS::CloudFormation::WaitCondition',
      'WaitCondition received failed message: step 50',
      'HOST_NOT_READY',
    ],
    [
      'AWS::CloudFormation::WaitCondition',
      'WaitCondition timed out. Received 0 conditions when expecting 1',
      'HOST_SILENT',
    ],
    [
      'AWS::Lambda::Function',
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      'CODE_MISSING',
    ],
    [
      'AWS::IAM::Role',
      'User: arn:aws:iam::123456789012:user/eva is not authorized to perform: iam:CreateRole on resource: role',
      'PERMISSION_MISSING',
    ],
    ['AWS::Events::Rule', 'Rate exceeded (Service: EventBridge, Status Code: 400)', 'AWS_THROTTLED'],
    ['AWS::IAM::Role', 'clickstream-role already exists in stack arn:aws:...', 'NAME_TAKEN'],
  ];
  for (const [type, reason, code] of said) {
    const cause = explain(type, 'Thing', reason);
    assert.equal(cause.code, code, reason);
    assert.ok(cause.fix !== undefined && cause.fix.length > 10, code);
  }
  assert.equal(explain('AWS::EC2::VPC', 'VPC', 'Something new').headline, 'the VPC failed');
  assert.match(explain('AWS::IAM::Role', 'Role', said[8]![1]).headline, /you may not call iam:CreateRole/);
});
