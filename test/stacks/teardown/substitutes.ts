/** Layers whose real templates are not there: the least that teardown has to cope with. */
type Resources = Record<
  string,
  { Type: string; Properties?: object; DependsOn?: string; DeletionPolicy?: string }
>;

function template(
  parameters: readonly string[],
  resources: Resources,
  outputs: Record<string, unknown> = {},
): object {
  return {
    Parameters: Object.fromEntries(parameters.map((name) => [name, { Type: 'String', Default: '' }])),
    Resources: resources,
    Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
  };
}

const role = (service: string): Resources[string] => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
  },
});

const lambda = (name: string, place: object = {}): Resources[string] => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: { 'Fn::Sub': `${name}\${NameSuffix}` },
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { S3Bucket: { Ref: 'AssetsBucketName' }, S3Key: { Ref: 'CodeKey' } },
    ...place,
  },
});

const common = ['Stage', 'NameSuffix', 'AssetsBucketName', 'CodeKey'];

export const SUBSTITUTES: Readonly<Record<string, object>> = {
  'host-bundle': template(['Stage', 'NameSuffix'], {
    Role: role('codebuild.amazonaws.com'),
  }),
  ingest: template(
    [...common, 'RawBucketName'],
    {
      Role: role('lambda.amazonaws.com'),
      Function: lambda('clickstream-lambda-ingest'),
      Logs: {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: { 'Fn::Sub': '/aws/lambda/clickstream-lambda-ingest${NameSuffix}' },
          RetentionInDays: 14,
        },
      },
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: { Name: { 'Fn::Sub': 'clickstream-http-api${NameSuffix}' }, ProtocolType: 'HTTP' },
      },
    },
    { ApiId: { Ref: 'Api' }, FunctionName: { Ref: 'Function' } },
  ),
  etl: template(
    [...common, 'PrivateSubnetId', 'EtlSecurityGroupId'],
    {
      Role: role('lambda.amazonaws.com'),
      Function: lambda('SBW_Lamda_ETL', {
        VpcConfig: {
          SubnetIds: [{ Ref: 'PrivateSubnetId' }],
          SecurityGroupIds: [{ Ref: 'EtlSecurityGroupId' }],
        },
      }),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: { 'Fn::Sub': 'SBW_ETL_HOURLY_RULE${NameSuffix}' },
          ScheduleExpression: 'rate(1 hour)',
          State: 'ENABLED',
          Targets: [{ Id: 'etl', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
        },
      },
      AlarmTopic: { Type: 'AWS::SNS::Topic' },
      DeadLetters: { Type: 'AWS::SQS::Queue' },
    },
    { FunctionName: { Ref: 'Function' }, RuleName: { Ref: 'Rule' } },
  ),
  warehouse: template(
    ['Stage', 'NameSuffix', 'PrivateSubnetId', 'AvailabilityZone', 'WarehouseSecurityGroupId', 'ImageId'],
    {
      DataVolume: {
        Type: 'AWS::EC2::Volume',
        DeletionPolicy: 'Snapshot',
        Properties: {
          AvailabilityZone: { Ref: 'AvailabilityZone' },
          Size: 20,
          VolumeType: 'gp3',
          Encrypted: true,
          Tags: [{ Key: 'sbw:backup', Value: { 'Fn::Sub': '${Stage}-warehouse' } }],
        },
      },
      Server: {
        Type: 'AWS::EC2::Instance',
        Properties: {
          ImageId: { Ref: 'ImageId' },
          InstanceType: 't3.small',
          SubnetId: { Ref: 'PrivateSubnetId' },
          SecurityGroupIds: [{ Ref: 'WarehouseSecurityGroupId' }],
          Volumes: [{ Device: '/dev/sdf', VolumeId: { Ref: 'DataVolume' } }],
          Tags: [{ Key: 'Name', Value: { 'Fn::Sub': 'SBW_EC2_ShinyDWH${NameSuffix}' } }],
        },
      },
    },
    { InstanceId: { Ref: 'Server' }, DataVolumeId: { Ref: 'DataVolume' } },
  ),
};
