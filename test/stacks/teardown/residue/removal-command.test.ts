import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removalCommand } from '../../../../src/stacks/teardown/residue/removal-command.ts';
import { nameInArn } from '../../../../src/stacks/teardown/residue/thing-name.ts';

const commandFor = (arn: string): string => removalCommand(nameInArn(arn), 'ap-southeast-1');

test('the command for whatever an ARN names', () => {
  const here = 'ap-southeast-1:123456789012';
  const cases: readonly [arn: string, command: string][] = [
    [`arn:aws:ec2:${here}:vpc/vpc-1`, 'aws ec2 delete-vpc --vpc-id vpc-1'],
    [`arn:aws:ec2:${here}:elastic-ip/eipalloc-1`, 'aws ec2 release-address --allocation-id eipalloc-1'],
    ['arn:aws:s3:::raw-bucket', 'aws s3 rb --force s3://raw-bucket'],
    [
      `arn:aws:lambda:${here}:function:SBW_Lamda_ETL`,
      'aws lambda delete-function --function-name SBW_Lamda_ETL',
    ],
    [
      `arn:aws:logs:${here}:log-group:/aws/lambda/x:*`,
      'aws logs delete-log-group --log-group-name /aws/lambda/x',
    ],
    [`arn:aws:ssm:${here}:parameter/sbw/dev/x`, 'aws ssm delete-parameter --name /sbw/dev/x'],
    [`arn:aws:sns:${here}:topic`, `aws sns delete-topic --topic-arn arn:aws:sns:${here}:topic`],
    [`arn:aws:apigateway:ap-southeast-1::/apis/a1b2`, 'aws apigatewayv2 delete-api --api-id a1b2'],
    [`arn:aws:events:${here}:rule/R`, 'aws events delete-rule --name R'],
    [
      `arn:aws:cloudwatch:${here}:alarm:high data age`,
      "aws cloudwatch delete-alarms --alarm-names 'high data age'",
    ],
  ];
  for (const [arn, command] of cases) assert.equal(commandFor(arn), `${command} --region ap-southeast-1`);
});

test('a hostile id cannot break out of the command, and an unknown service is only looked up', () => {
  assert.equal(
    commandFor("arn:aws:ec2:r:1:vpc/x'; rm -rf ~; '"),
    `aws ec2 delete-vpc --vpc-id 'x'\\''; rm -rf ~; '\\''' --region ap-southeast-1`,
  );
  assert.equal(
    commandFor('arn:aws:kinesis:r:1:stream/s'),
    'aws resourcegroupstaggingapi get-resources --resource-type-filters kinesis:stream --region ap-southeast-1',
  );
});
