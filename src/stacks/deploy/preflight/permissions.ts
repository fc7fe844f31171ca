/**
 * What a deploy calls, itself and through CloudFormation, that an operator most often lacks. Asked of IAM before
 * anything is touched, so that a stack does not stop half-way.
 */
export const DEPLOY_ACTIONS: readonly string[] = [
  ...['CreateChangeSet', 'DeleteChangeSet', 'DeleteStack', 'DescribeChangeSet', 'DescribeStackEvents'].map(
    (name) => `cloudformation:${name}`,
  ),
  ...['DescribeStacks', 'ExecuteChangeSet', 'GetTemplate', 'ListStackResources'].map(
    (name) => `cloudformation:${name}`,
  ),
  ...[
    'AttachInternetGateway',
    'AttachVolume',
    'AuthorizeSecurityGroupEgress',
    'AuthorizeSecurityGroupIngress',
  ].map((name) => `ec2:${name}`),
  ...['CreateInternetGateway', 'CreateRoute', 'CreateRouteTable', 'CreateSecurityGroup', 'CreateSubnet'].map(
    (name) => `ec2:${name}`,
  ),
  ...[
    'CreateTags',
    'CreateVolume',
    'CreateVpc',
    'CreateVpcEndpoint',
    'DescribeInstances',
    'RunInstances',
    'TerminateInstances',
  ].map((name) => `ec2:${name}`),
  ...[
    'CreateBucket',
    'PutBucketPolicy',
    'PutBucketVersioning',
    'PutEncryptionConfiguration',
    'PutObject',
  ].map((name) => `s3:${name}`),
  ...['AddRoleToInstanceProfile', 'CreateInstanceProfile', 'CreateRole', 'PassRole', 'PutRolePolicy'].map(
    (name) => `iam:${name}`,
  ),
  ...['AddPermission', 'CreateFunction', 'GetFunction', 'InvokeFunction', 'PutFunctionConcurrency'].map(
    (name) => `lambda:${name}`,
  ),
  ...['POST', 'GET', 'DELETE'].map((name) => `apigateway:${name}`),
  ...['EnableRule', 'PutRule', 'PutTargets'].map((name) => `events:${name}`),
  ...['CreateLogGroup', 'PutRetentionPolicy'].map((name) => `logs:${name}`),
  ...['GetParameter', 'PutParameter', 'DescribeParameters', 'SendCommand'].map((name) => `ssm:${name}`),
  ...['CreateProject', 'StartBuild', 'BatchGetBuilds'].map((name) => `codebuild:${name}`),
  ...['sns:CreateTopic', 'sqs:CreateQueue', 'cloudwatch:PutMetricAlarm', 'dlm:CreateLifecyclePolicy'],
];
