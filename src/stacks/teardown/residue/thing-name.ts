import type { StackResource } from '../../ports/cloudformation.ts';
import type { LeftoverKind, ThingName } from '../../ports/leftovers.ts';
import type { VpcContentKind } from '../../ports/networks.ts';

/** `arn:aws:ec2:...:vpc/vpc-1`, `arn:aws:logs:...:log-group:/aws/lambda/x:*`, `arn:aws:s3:::name` */
export function nameInArn(arn: string): ThingName {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [first = '', ...more] = rest;
  if (service === 'sns') return { service, noun: '', id: arn };
  if (more.length > 0) return { service, noun: first, id: more.filter((part) => part !== '*').join(':') };
  const slash = first.indexOf('/');
  if (slash < 0) return { service, noun: '', id: first };
  return { service, noun: first.slice(0, slash), id: first.slice(slash + 1) };
}

/** How ARNs name CloudFormation's types; those that live only as a part of another thing are left out. */
const BY_TYPE: Readonly<Record<string, readonly [service: string, noun: string]>> = {
  'AWS::ApiGatewayV2::Api': ['apigateway', ''],
  'AWS::CloudWatch::Alarm': ['cloudwatch', 'alarm'],
  'AWS::CodeBuild::Project': ['codebuild', 'project'],
  'AWS::DLM::LifecyclePolicy': ['dlm', 'policy'],
  'AWS::EC2::Instance': ['ec2', 'instance'],
  'AWS::EC2::InternetGateway': ['ec2', 'internet-gateway'],
  'AWS::EC2::RouteTable': ['ec2', 'route-table'],
  'AWS::EC2::SecurityGroup': ['ec2', 'security-group'],
  'AWS::EC2::Subnet': ['ec2', 'subnet'],
  'AWS::EC2::VPC': ['ec2', 'vpc'],
  'AWS::EC2::VPCEndpoint': ['ec2', 'vpc-endpoint'],
  'AWS::EC2::Volume': ['ec2', 'volume'],
  'AWS::Events::Rule': ['events', 'rule'],
  'AWS::IAM::InstanceProfile': ['iam', 'instance-profile'],
  'AWS::IAM::Role': ['iam', 'role'],
  'AWS::Lambda::Function': ['lambda', 'function'],
  'AWS::Logs::LogGroup': ['logs', 'log-group'],
  'AWS::S3::Bucket': ['s3', ''],
  'AWS::SNS::Topic': ['sns', ''],
  'AWS::SQS::Queue': ['sqs', ''],
};

/** Null for a part of another thing, such as a route. */
export function nameOfResource({ type, physicalId }: StackResource): ThingName | null {
  const [service, noun] = BY_TYPE[type] ?? [];
  return service === undefined || noun === undefined ? null : { service, noun, id: physicalId };
}

const VPC_NOUNS: Readonly<Record<VpcContentKind, string>> = {
  instance: 'instance',
  'network-card': 'network-interface',
  endpoint: 'vpc-endpoint',
  'internet-gateway': 'internet-gateway',
  'security-group': 'security-group',
  subnet: 'subnet',
  'route-table': 'route-table',
};

export function nameInVpc(kind: VpcContentKind, id: string): ThingName {
  return { service: 'ec2', noun: VPC_NOUNS[kind], id };
}

const LEFTOVER_NAMES: Readonly<Record<LeftoverKind, readonly [service: string, noun: string]>> = {
  'log-group': ['logs', 'log-group'],
  parameter: ['ssm', 'parameter'],
  snapshot: ['ec2', 'snapshot'],
};

export function nameOfLeftover(kind: LeftoverKind, id: string): ThingName {
  const [service, noun] = LEFTOVER_NAMES[kind];
  return { service, noun, id };
}
