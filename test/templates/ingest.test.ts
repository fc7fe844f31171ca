import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parametersOf, RAW_BUCKET } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { readTemplate, type Resource, type Value } from './support/template.ts';

const template = readTemplate('ingest');
const render = (over: Record<string, string> = {}): Readonly<Record<string, Resource>> =>
  renderTemplate(template, { ...parametersOf('ingest'), ...over }).Resources;
const propertiesOf = (id: string, over: Record<string, string> = {}): Readonly<Record<string, Value>> =>
  render(over)[id]!.Properties!;

test('the function runs outside the VPC, and may put objects below events/ and write its log: nothing else', () => {
  assert.equal(propertiesOf('Function')['VpcConfig'], undefined);
  assert.equal(propertiesOf('Function')['Role'], '<Role.Arn>');
  const { Policies, ManagedPolicyArns } = propertiesOf('Role') as {
    Policies: { PolicyDocument: { Statement: Value[] } }[];
    ManagedPolicyArns?: Value;
  };
  assert.equal(ManagedPolicyArns, undefined);
  assert.deepEqual(
    Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${RAW_BUCKET}/events/*` },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '<LogGroup.Arn>',
      },
    ],
  );
});

test('the function gets the bucket and the sites, and nothing else', () => {
  const sites = 'https://shop.example,https://www.shop.example';
  assert.deepEqual(propertiesOf('Function', { AllowedOrigins: sites })['Environment'], {
    Variables: { RAW_BUCKET_NAME: RAW_BUCKET, ALLOWED_ORIGINS: sites },
  });
});

test('one door: POST /clickstream, in service at once, which only this API may knock at', () => {
  const routes = Object.values(render()).filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route');
  assert.deepEqual(
    routes.map(({ Properties }) => Properties!['RouteKey']),
    ['POST /clickstream'],
  );
  const { StageName, AutoDeploy } = propertiesOf('DefaultStage');
  assert.deepEqual([StageName, AutoDeploy], ['$default', true]);
  assert.equal(propertiesOf('Integration')['PayloadFormatVersion'], '2.0');
  assert.equal(
    propertiesOf('Permission')['SourceArn'],
    'arn:aws:execute-api:ap-southeast-1:123456789012:<Api>/*/POST/clickstream',
  );
});

test('the gateway answers browsers of the given sites, without credentials; of none, when none is given', () => {
  const sites = 'https://shop.example,https://www.shop.example';
  assert.deepEqual(propertiesOf('Api', { AllowedOrigins: sites })['CorsConfiguration'], {
    AllowOrigins: sites.split(','),
    AllowMethods: ['POST', 'OPTIONS'],
    AllowHeaders: ['content-type', 'content-encoding'],
    MaxAge: 86400,
  });
  assert.equal(propertiesOf('Api', { AllowedOrigins: '' })['CorsConfiguration'], undefined);
});

test('sites are taken as browsers name them', () => {
  const pattern = new RegExp(template.Parameters['AllowedOrigins']!.AllowedPattern!);
  for (const good of ['', '*', 'https://shop.example', 'http://localhost:3000,https://shop.example'])
    assert.match(good, pattern);
  for (const bad of ['shop.example', 'https://shop.example/', 'https://a.example, https://b.example', '**'])
    assert.doesNotMatch(bad, pattern);
});

test('what strangers may cost is limited, as asked', () => {
  assert.deepEqual(
    propertiesOf('DefaultStage', { ThrottleRate: '7', ThrottleBurst: '9' })['DefaultRouteSettings'],
    {
      ThrottlingRateLimit: '7',
      ThrottlingBurstLimit: '9',
    },
  );
});

test('the access log is JSON that says how it went, and nothing of the visitor', () => {
  const { Format } = propertiesOf('DefaultStage')['AccessLogSettings'] as { Format: string };
  const fields = JSON.parse(Format) as Record<string, string>;
  assert.ok('status' in fields && 'request_id' in fields);
  assert.doesNotMatch(Format, /sourceIp|userAgent|authorizer|\n/);
});

test('logs go to declared groups, for as long as asked', () => {
  for (const id of ['LogGroup', 'AccessLogGroup'])
    assert.equal(propertiesOf(id, { LogDays: '14' })['RetentionInDays'], '14');
});
