/**
 * The least that layers have to be for a deploy, while their real templates are not there: the same parameters,
 * outputs and logical ids.
 */
interface Part {
  readonly Type: string;
  readonly Properties?: object;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const ref = (Ref: string): object => ({ Ref });
const att = (id: string, name: string): object => ({ 'Fn::GetAtt': [id, name] });
const named = (name: string): object => ({ 'Fn::Sub': `${name}\${NameSuffix}` });

function template(
  title: string,
  parameters: string,
  resources: Record<string, Part>,
  outputs: Record<string, object>,
): string {
  const titled = Object.entries(resources).map(([id, part]) => [
    id,
    { ...part, Metadata: { sbw: { title: `${title} ${id.toLowerCase()}` } } },
  ]);
  return JSON.stringify({
    Metadata: { sbw: { title, about: `Stand-in for ${title}` } },
    Parameters: Object.fromEntries(
      ['Stage', 'NameSuffix', ...parameters.split(' ')].map((name) => [
        name,
        // The validator judges a template by its defaults.
        { Type: 'String', Default: name === 'InstanceType' ? 't3.small' : '' },
      ]),
    ),
    Resources: Object.fromEntries(titled),
    Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
  });
}

const role = (service: string): Part => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
  },
});

const lambda = (name: string, more: object = {}): Part => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{
      FunctionName: named(name),
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: att('Role', 'Arn'),
    },
    Code: { S3Bucket: ref('AssetsBucketName'), S3Key: ref('CodeKey') },
    ...more,
  },
});

export const STAND_INS: Readonly<Record<string, string>> = {
  'host-bundle': template(
    'Package bundle',
    'AssetsBucketName SourceKey',
    {
      Role: role('codebuild.amazonaws.com'),
      Project: {
        Type: 'AWS::CodeBuild::Project',
        Properties: {
          Name: named('sbw-host-bundle'),
          ServiceRole: att('Role', 'Arn'),
          Artifacts: { Type: 'NO_ARTIFACTS' },
          Environment: {
            Type: 'LINUX_CONTAINER',
            ComputeType: 'BUILD_GENERAL1_SMALL',
            Image: 'aws/codebuild/standard:7.0',
          },
          Source: { Type: 'S3', Location: { 'Fn::Sub': '${AssetsBucketName}/${SourceKey}' } },
        },
      },
    },
    { ProjectName: ref('Project') },
  ),
  warehouse: template(
    'Warehouse',
    'VpcId PrivateSubnetId AvailabilityZone WarehouseSecurityGroupId S3EndpointId AssetsBucketName ImageId ' +
      'InstanceType DataVolumeGb BundleKey BundleSha256 ProvisionKey ProvisionSha256',
    {
      DataVolume: {
        Type: 'AWS::EC2::Volume',
        DeletionPolicy: 'Snapshot',
        UpdateReplacePolicy: 'Snapshot',
        Properties: {
          AvailabilityZone: ref('AvailabilityZone'),
          Size: ref('DataVolumeGb'),
          VolumeType: 'gp3',
          Encrypted: true,
        },
      },
      Ready: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
      Server: {
        Type: 'AWS::EC2::Instance',
        Properties: {
          ...{ ImageId: ref('ImageId'), InstanceType: ref('InstanceType'), SubnetId: ref('PrivateSubnetId') },
          SecurityGroupIds: [ref('WarehouseSecurityGroupId')],
          Volumes: [{ Device: '/dev/sdf', VolumeId: ref('DataVolume') }],
          UserData: { 'Fn::Base64': { 'Fn::Sub': '${BundleKey} ${ProvisionKey} ${Ready}' } },
        },
      },
      Signal: {
        Type: 'AWS::CloudFormation::WaitCondition',
        DependsOn: 'Server',
        Properties: { Handle: ref('Ready'), Timeout: '1800', Count: 1 },
      },
    },
    { InstanceId: ref('Server'), PrivateIp: att('Server', 'PrivateIp'), DataVolumeId: ref('DataVolume') },
  ),
  ingest: template(
    'Ingest',
    'RawBucketName AssetsBucketName CodeKey AllowedOrigins ThrottleRate ThrottleBurst LogDays',
    {
      Role: role('lambda.amazonaws.com'),
      Function: lambda('clickstream-lambda-ingest'),
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: { Name: named('clickstream-http-api'), ProtocolType: 'HTTP' },
      },
    },
    {
      ...{ ApiId: ref('Api'), FunctionName: ref('Function') },
      IngestUrl: { 'Fn::Sub': '${Api.ApiEndpoint}/clickstream' },
    },
  ),
  etl: template(
    'ETL',
    'PrivateSubnetId EtlSecurityGroupId RawBucketName AssetsBucketName CodeKey DwhHost ScheduleExpression ' +
      'ReservedConcurrency AlarmEmail ApiId LogDays',
    {
      Role: role('lambda.amazonaws.com'),
      Function: lambda('SBW_Lamda_ETL', {
        VpcConfig: { SubnetIds: [ref('PrivateSubnetId')], SecurityGroupIds: [ref('EtlSecurityGroupId')] },
      }),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ...{
            Name: named('SBW_ETL_HOURLY_RULE'),
            ScheduleExpression: ref('ScheduleExpression'),
            State: 'DISABLED',
          },
          Targets: [{ Id: 'etl', Arn: att('Function', 'Arn') }],
        },
      },
      AlarmTopic: { Type: 'AWS::SNS::Topic' },
      DeadLetters: { Type: 'AWS::SQS::Queue' },
    },
    {
      ...{ FunctionName: ref('Function'), RuleName: ref('Rule'), AlarmTopicArn: ref('AlarmTopic') },
      DeadLetterUrl: ref('DeadLetters'),
    },
  ),
};
