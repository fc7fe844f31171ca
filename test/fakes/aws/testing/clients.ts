import * as api from '@aws-sdk/client-apigatewayv2';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as dlm from '@aws-sdk/client-dlm';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import type { settingsFor } from './stacks.ts';

/** The SDK's clients of all services that are not EC2, S3 or CloudFormation. */
export function openClients(settings: ReturnType<typeof settingsFor>) {
  return {
    api: new api.ApiGatewayV2Client(settings),
    cloudwatch: new cloudwatch.CloudWatchClient(settings),
    codebuild: new codebuild.CodeBuildClient(settings),
    dlm: new dlm.DLMClient(settings),
    events: new events.EventBridgeClient(settings),
    iam: new iam.IAMClient(settings),
    lambda: new lambda.LambdaClient(settings),
    logs: new logs.CloudWatchLogsClient(settings),
    sns: new sns.SNSClient(settings),
    sqs: new sqs.SQSClient(settings),
    ssm: new ssm.SSMClient(settings),
    tagging: new tagging.ResourceGroupsTaggingAPIClient(settings),
  };
}
