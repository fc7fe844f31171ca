/** What sbw and a layer's template promise each other; sbw fills the parameters and reads the outputs by these names. */
export interface LayerContract {
  /** Besides Stage and NameSuffix, which every layer has. With the values that tests give them. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
  /** Logical ids that sbw names, with the type it expects there. */
  readonly resources: Readonly<Record<string, string>>;
  /** Names and values that operators know, written exactly so in the default stage. */
  readonly names: readonly string[];
}

export const RAW_BUCKET = 'clickstream-s3-ingest-123456789012-ap-southeast-1';
export const ASSETS_BUCKET = 'clickstream-s3-sbw-123456789012-ap-southeast-1';
const BUCKETS = { RawBucketName: RAW_BUCKET, AssetsBucketName: ASSETS_BUCKET };
const ZONE = 'ap-southeast-1a';
const IMAGE = 'ami-0123456789abcdef0';

export const CONTRACT: Readonly<Record<string, LayerContract>> = {
  storage: {
    parameters: { ...BUCKETS, RawNoncurrentDays: '30' },
    outputs: ['RawBucketName', 'RawBucketArn', 'AssetsBucketName', 'AssetsBucketArn'],
    resources: { RawBucket: 'AWS::S3::Bucket', AssetsBucket: 'AWS::S3::Bucket' },
    names: ['clickstream-s3-ingest', 'clickstream-s3-sbw'],
  },
  network: {
    parameters: { ...BUCKETS, AvailabilityZone: ZONE, Ec2Messages: 'true' },
    outputs: [
      ...['VpcId', 'PublicSubnetId', 'PrivateSubnetId', 'AvailabilityZone', 'S3EndpointId'],
      ...['EtlSecurityGroupId', 'WarehouseSecurityGroupId', 'WebDbSecurityGroupId'],
      'EndpointSecurityGroupId',
    ],
    resources: {},
    names: [
      'SBW_Project_VPC',
      'SBW_Project-subnet-public1-ap-southeast-1a',
      'SBW_Project-subnet-private1-ap-southeast-1a',
      ...['sg_Lambda_ETL', 'sg_analytics_ShinyDWH', 'sg_oltp_webDB'],
      'sg_ec2_VPC_Interface_endpoint_SSM',
    ],
  },
  'host-bundle': {
    parameters: { AssetsBucketName: ASSETS_BUCKET, SourceKey: 'host/bundle-source-0123456789abcdef.zip' },
    outputs: ['ProjectName'],
    resources: {},
    names: [],
  },
  warehouse: {
    parameters: {
      ...{ VpcId: 'vpc-0123456789abcdef0', PrivateSubnetId: 'subnet-0123456789abcdef0' },
      ...{ AvailabilityZone: ZONE, WarehouseSecurityGroupId: 'sg-0123456789abcdef0' },
      ...{ S3EndpointId: 'vpce-0123456789abcdef0', AssetsBucketName: ASSETS_BUCKET },
      ...{ ImageId: IMAGE, ServerGeneration: '1', InstanceType: 't3.small', DataVolumeGb: '30' },
      ...{ BundleKey: 'host/bundle-0123456789abcdef.tar', BundleSha256: 'a'.repeat(64) },
      ...{ ProvisionKey: 'host/provision-0123456789abcdef.zip', ProvisionSha256: 'b'.repeat(64) },
    },
    outputs: ['InstanceId', 'PrivateIp', 'DataVolumeId'],
    resources: { Server: 'AWS::EC2::Instance', DataVolume: 'AWS::EC2::Volume' },
    names: ['SBW_EC2_ShinyDWH'],
  },
  'web-db': {
    parameters: {
      ...{ PublicSubnetId: 'subnet-0123456789abcdef1', AvailabilityZone: ZONE },
      ...{ WebDbSecurityGroupId: 'sg-0123456789abcdef1', ImageId: IMAGE, InstanceType: 't3.micro' },
      ...{ DataVolumeGb: '10', AllowedCidr1: '', AllowedCidr2: '', AllowedCidr3: '', AllowedCidr4: '' },
    },
    outputs: ['InstanceId', 'PublicIp', 'DataVolumeId'],
    resources: { Server: 'AWS::EC2::Instance', DataVolume: 'AWS::EC2::Volume' },
    names: ['SBW_EC2_WebDB'],
  },
  ingest: {
    parameters: {
      ...BUCKETS,
      ...{ CodeKey: 'code/ingest-0123456789abcdef.zip', AllowedOrigins: 'https://shop.example' },
      ...{ ThrottleRate: '50', ThrottleBurst: '100', LogDays: '30' },
    },
    outputs: ['ApiId', 'IngestUrl', 'FunctionName'],
    resources: { Function: 'AWS::Lambda::Function', Api: 'AWS::ApiGatewayV2::Api' },
    names: ['clickstream-http-api', 'clickstream-lambda-ingest'],
  },
  etl: {
    parameters: {
      ...{ PrivateSubnetId: 'subnet-0123456789abcdef0', EtlSecurityGroupId: 'sg-0123456789abcdef2' },
      ...BUCKETS,
      ...{ CodeKey: 'code/etl-0123456789abcdef.zip', DwhHost: '10.0.128.10' },
      ...{ ScheduleExpression: 'rate(1 hour)', ReservedConcurrency: '', AlarmEmail: '' },
      ...{ ApiId: 'a1b2c3d4e5', LogDays: '30' },
    },
    outputs: ['FunctionName', 'RuleName', 'AlarmTopicArn', 'DeadLetterUrl'],
    resources: {
      Function: 'AWS::Lambda::Function',
      Rule: 'AWS::Events::Rule',
      AlarmTopic: 'AWS::SNS::Topic',
      DeadLetters: 'AWS::SQS::Queue',
    },
    names: ['SBW_Lamda_ETL', 'SBW_ETL_HOURLY_RULE'],
  },
};

/** All parameters of a layer for a stage, as sbw would send them. */
export function parametersOf(layer: string, stage = 'dev'): Record<string, string> {
  const contract = CONTRACT[layer];
  if (contract === undefined) throw new Error(`no contract for layer ${layer}`);
  return { Stage: stage, NameSuffix: stage === 'dev' ? '' : `-${stage}`, ...contract.parameters };
}
