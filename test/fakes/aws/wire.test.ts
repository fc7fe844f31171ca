import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as ec2 from '@aws-sdk/client-ec2';
import * as s3 from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeChunked } from './wire/chunked.ts';
import { encodeJson } from './wire/json.ts';
import { decodeQuery } from './wire/query.ts';
import { routeRest } from './wire/rest.ts';
import { operationsOf } from './wire/schema.ts';
import { encodeXml, parseXml } from './wire/xml.ts';

const ofStacks = operationsOf(cloudformation);
const ofServers = operationsOf(ec2);
const ofObjects = operationsOf(s3);

const form = (fields: Record<string, string>): URLSearchParams =>
  new URLSearchParams({ Action: 'x', Version: 'y', ...fields });

test('the query protocol: members, structures, numbers and truth', () => {
  const { input } = ofStacks.get('CreateStack')!;
  const fields = {
    StackName: 's',
    'Parameters.member.1.ParameterKey': 'a',
    'Parameters.member.1.ParameterValue': '1',
    'Capabilities.member.1': 'CAPABILITY_IAM',
    DisableRollback: 'true',
    TimeoutInMinutes: '5',
    NotificationARNs: '',
  };
  assert.deepEqual(decodeQuery(input, form(fields), 'query'), {
    StackName: 's',
    Parameters: [{ ParameterKey: 'a', ParameterValue: '1' }],
    Capabilities: ['CAPABILITY_IAM'],
    DisableRollback: true,
    TimeoutInMinutes: 5,
    NotificationARNs: [],
  });
});

test('EC2 numbers its lists without a word, and begins with capitals', () => {
  const { input } = ofServers.get('DescribeVpcs')!;
  const fields = {
    'Filter.1.Name': 'vpc-id',
    'Filter.1.Value.1': 'a',
    'Filter.1.Value.2': 'b',
    'VpcId.1': 'c',
  };
  assert.deepEqual(decodeQuery(input, form(fields), 'ec2'), {
    Filters: [{ Name: 'vpc-id', Values: ['a', 'b'] }],
    VpcIds: ['c'],
  });
});

test('what the model does not know, or needs and does not get, is refused', () => {
  const { input } = ofStacks.get('DescribeStackEvents')!;
  assert.throws(() => decodeQuery(input, form({ StackName: 's', Nonsense: '1' }), 'query'), /Nonsense/);
  assert.throws(
    () => decodeQuery(ofStacks.get('CreateChangeSet')!.input, form({}), 'query'),
    /Member must not be null/,
  );
});

test('an answer that the SDK would not understand is a mistake of the fake', () => {
  const { output } = ofServers.get('DescribeVpcs')!;
  assert.throws(() => encodeXml('X', output, { Vpcs: [{ Id: 'vpc-1' }] }), /without Id/);
  assert.throws(() => encodeXml('X', output, { Vpcs: [{ VpcId: 1 }] }), /should be text/);
  assert.throws(() => encodeJson(output, { Vpcs: 'none' }), /should be a list/);
  assert.equal(
    encodeXml('X', output, { Vpcs: [{ VpcId: 'a<b' }] }),
    '<X><vpcSet><item><vpcId>a&lt;b</vpcId></item></vpcSet></X>',
  );
});

test('a REST request finds its action by method, path, query and headers', () => {
  const route = (method: string, url: string, headers = {}): string | undefined => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const inBucket = [...ofObjects.values()].filter(
      ({ input }) => input.getMemberSchemas()['Bucket'] !== undefined,
    );
    return routeRest(inBucket, {
      method,
      path: pathname,
      query: searchParams,
      headers,
      body: Buffer.alloc(0),
    })?.name;
  };
  assert.equal(route('GET', '/a/key'), 'GetObject');
  assert.equal(route('PUT', '/a/key'), 'PutObject');
  assert.equal(route('PUT', '/a/key?partNumber=1&uploadId=u'), 'UploadPart');
  assert.equal(route('PUT', '/a/key', { 'x-amz-copy-source': 'b/k' }), 'CopyObject');
  assert.equal(route('GET', '/?list-type=2'), 'ListObjectsV2');
  assert.equal(route('GET', '/?versions'), 'ListObjectVersions');
  assert.equal(route('POST', '/?delete'), 'DeleteObjects');
  assert.equal(route('DELETE', '/?policy'), 'DeleteBucketPolicy');
  assert.equal(route('DELETE', '/'), 'DeleteBucket');
});

test('chunks are joined, and a torn body is refused', () => {
  const body = Buffer.from('3;chunk-signature=x\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n');
  assert.equal(decodeChunked(body).toString(), 'abcde');
  assert.throws(() => decodeChunked(body.subarray(0, 25)), { code: 'IncompleteBody' });
});

test('XML is read with its entities, and torn XML is refused', () => {
  const { tag, children } = parseXml('<?xml version="1.0"?><A><B>x &amp; &#x41;</B><C/></A>');
  assert.deepEqual(
    [tag, ...children.map((child) => [child.tag, child.text])],
    ['A', ['B', 'x & A'], ['C', '']],
  );
  assert.throws(() => parseXml('<A><B></A>'), SyntaxError);
});
