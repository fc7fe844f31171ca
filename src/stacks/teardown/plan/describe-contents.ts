import type { StackFact } from './inventory.ts';

/** What an operator knows by name; routes, rules, policies and the like come and go with these. */
const NOUNS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'AWS::ApiGatewayV2::Api': ['HTTP API', 'HTTP APIs'],
  'AWS::CloudWatch::Alarm': ['alarm', 'alarms'],
  'AWS::CodeBuild::Project': ['build project', 'build projects'],
  'AWS::DLM::LifecyclePolicy': ['snapshot schedule', 'snapshot schedules'],
  'AWS::EC2::EIP': ['public address', 'public addresses'],
  'AWS::EC2::Instance': ['server', 'servers'],
  'AWS::EC2::InternetGateway': ['internet gateway', 'internet gateways'],
  'AWS::EC2::RouteTable': ['route table', 'route tables'],
  'AWS::EC2::SecurityGroup': ['security group', 'security groups'],
  'AWS::EC2::Subnet': ['subnet', 'subnets'],
  'AWS::EC2::VPC': ['VPC', 'VPCs'],
  'AWS::EC2::VPCEndpoint': ['endpoint', 'endpoints'],
  'AWS::EC2::Volume': ['volume', 'volumes'],
  'AWS::Events::Rule': ['rule', 'rules'],
  'AWS::IAM::Role': ['role', 'roles'],
  'AWS::Lambda::Function': ['function', 'functions'],
  'AWS::Logs::LogGroup': ['log group', 'log groups'],
  'AWS::SNS::Topic': ['topic', 'topics'],
  'AWS::SQS::Queue': ['queue', 'queues'],
};

/** `VPC, 2 subnets, 3 endpoints`, in the order in which CloudFormation lists them. */
export function describeContents({ resources }: Pick<StackFact, 'resources'>): string {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const told = [...counts].flatMap(([type, count]) => {
    const nouns = NOUNS[type];
    if (nouns === undefined) return [];
    return count === 1 ? nouns[0] : `${count} ${nouns[1]}`;
  });
  if (told.length > 0) return told.join(', ');
  return `${resources.length} ${resources.length === 1 ? 'resource' : 'resources'}`;
}
