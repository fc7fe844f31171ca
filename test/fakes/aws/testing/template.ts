import { roleOf, templateOf } from './stacks.ts';

const attribute = (logicalId: string, name: string): object => ({ 'Fn::GetAtt': [logicalId, name] });
const ref = (logicalId: string): object => ({ Ref: logicalId });

/** One resource of every service that is not EC2 or S3, in the shape in which the platform uses it. */
export const everyService = templateOf({
  Role: roleOf('lambda'),
  BuildRole: roleOf('codebuild'),
  SnapshotRole: roleOf('dlm'),
  Logs: {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: '/aws/lambda/worker', RetentionInDays: 30 },
  },
  Filter: {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: ref('Logs'),
      FilterPattern: 'ERROR',
      MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'sbw', MetricValue: '1' }],
    },
  },
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'worker',
      Role: attribute('Role', 'Arn'),
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => 1' },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref('Function'),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    },
  },
  Retries: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: { FunctionName: ref('Function'), Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
  },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'clickstream-http-api', ProtocolType: 'HTTP' } },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: ref('Api'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: attribute('Function', 'Arn'),
      PayloadFormatVersion: '2.0',
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('Api'),
      RouteKey: 'POST /clickstream',
      Target: { 'Fn::Sub': 'integrations/${Integration}' },
    },
  },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'hourly',
      ScheduleExpression: 'rate(1 hour)',
      Targets: [{ Id: 'worker', Arn: attribute('Function', 'Arn') }],
    },
  },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
  Mail: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: ref('Topic'), Protocol: 'email', Endpoint: 'operator@example.com' },
  },
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'errors',
      Namespace: 'sbw',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: [ref('Topic')],
    },
  },
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/by/stack', Type: 'String', Value: 'v' } },
  Project: {
    Type: 'AWS::CodeBuild::Project',
    Properties: {
      Name: 'bundler',
      ServiceRole: attribute('BuildRole', 'Arn'),
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Environment: {
        Type: 'LINUX_CONTAINER',
        ComputeType: 'BUILD_GENERAL1_SMALL',
        Image: 'public.ecr.aws/debian/debian:13',
        EnvironmentVariables: [{ Name: 'TARGET', Value: 'none' }],
      },
      Source: { Type: 'NO_SOURCE', BuildSpec: 'version: 0.2' },
    },
  },
  Snapshots: {
    Type: 'AWS::DLM::LifecyclePolicy',
    Properties: {
      Description: 'daily',
      State: 'ENABLED',
      ExecutionRoleArn: attribute('SnapshotRole', 'Arn'),
      PolicyDetails: {
        PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
        ResourceTypes: ['VOLUME'],
        TargetTags: [{ Key: 'sbw:backup', Value: 'dev' }],
        Schedules: [
          {
            Name: 'daily',
            CreateRule: { Interval: 24, IntervalUnit: 'HOURS', Times: ['18:00'] },
            RetainRule: { Count: 7 },
          },
        ],
      },
    },
  },
});

/** A VPC with one subnet and one group. */
export const network = {
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/20', AvailabilityZone: 'ap-southeast-1a' },
  },
  Group: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'x', VpcId: { Ref: 'Vpc' } },
  },
};
/** A server with data of its own in that network, and what waits for it. */
export const server = {
  Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [{ Ref: 'Role' }] } },
  Role: roleOf('ec2'),
  Volume: {
    Type: 'AWS::EC2::Volume',
    DeletionPolicy: 'Snapshot',
    Properties: { AvailabilityZone: 'ap-southeast-1a', Size: 30 },
  },
  Server: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      ImageId: 'ami-0debian13amd64000',
      InstanceType: 't3.micro',
      SubnetId: { Ref: 'Subnet' },
      SecurityGroupIds: [{ Ref: 'Group' }],
      IamInstanceProfile: { Ref: 'Profile' },
      Volumes: [{ Device: '/dev/sdf', VolumeId: { Ref: 'Volume' } }],
    },
  },
  Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  Ready: {
    Type: 'AWS::CloudFormation::WaitCondition',
    DependsOn: 'Server',
    Properties: { Handle: { Ref: 'Handle' }, Timeout: '1200', Count: 1 },
  },
};
