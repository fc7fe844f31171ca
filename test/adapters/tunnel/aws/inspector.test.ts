import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openDirectory } from '../../../../src/adapters/tunnel/aws/directory.ts';
import { openInspector } from '../../../../src/adapters/tunnel/aws/inspector.ts';
import { diagnosePath, findBroken } from '../../../../src/tunnel/diagnosis/diagnose.ts';

const ID = 'i-0123456789abcdef0';

/** Answers in the form of AWS's API references, by action; a list is answered item by item, page after page. */
type Answers = Record<string, string | readonly string[]>;

const endpoint = (service: string, changes = ''): string => `<item><vpcEndpointId>vpce-1</vpcEndpointId>
  <vpcEndpointType>Interface</vpcEndpointType><vpcId>vpc-1</vpcId><state>available</state>
  <serviceName>com.amazonaws.us-west-1.${service}</serviceName>
  <privateDnsEnabled>${changes === 'dns' ? 'false' : 'true'}</privateDnsEnabled>
  <groupSet><item><groupId>sg-endpoint</groupId></item></groupSet></item>`;
const route = (to: string): string =>
  `<item><destinationCidrBlock>${to}</destinationCidrBlock><state>active</state></item>`;
const group = (cidr: string): string => `<item><groupId>sg-endpoint</groupId><ipPermissions><item>
  <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
  <ipRanges><item><cidrIp>${cidr}</cidrIp></item></ipRanges></item></ipPermissions></item>`;
const instance = (state: string): string => `<item><ownerId>123456789012</ownerId><instancesSet><item>
  <instanceId>${ID}</instanceId><instanceState><name>${state}</name></instanceState>
  <privateIpAddress>10.0.128.10</privateIpAddress><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>
  <groupSet><item><groupId>sg-instance</groupId></item></groupSet>
  <iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/sbw</arn></iamInstanceProfile>
  <tagSet><item><key>Name</key><value>SBW_EC2_ShinyDWH</value></item></tagSet></item></instancesSet></item>`;

const LISTS: Record<string, string> = {
  DescribeInstances: 'reservationSet',
  DescribeVpcEndpoints: 'vpcEndpointSet',
  DescribeSecurityGroups: 'securityGroupInfo',
  DescribeRouteTables: 'routeTableSet',
};
const HEALTHY: Answers = {
  DescribeInstances: [instance('running')],
  DescribeVpcEndpoints: [endpoint('s3'), endpoint('ssm'), endpoint('ssmmessages')],
  DescribeSecurityGroups: [group('10.0.128.0/20')],
  DescribeRouteTables: [`<item><routeSet>${route('10.0.0.0/16')}</routeSet></item>`],
  GetInstanceProfile:
    '<InstanceProfile><Roles><member><RoleName>sbw-role</RoleName></member></Roles></InstanceProfile>',
  ListAttachedRolePolicies:
    '<AttachedPolicies><member><PolicyName>AmazonSSMManagedInstanceCore</PolicyName></member></AttachedPolicies>',
  DescribeInstanceInformation:
    '{"InstanceInformationList":[{"PingStatus":"Online","AgentVersion":"3.3.987.0","LastPingDateTime":1767323045}]}',
};

function reply(answers: Answers, request: IncomingMessage, response: ServerResponse, body: string): void {
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? String(request.headers['x-amz-target']).split('.')[1]!;
  const answer = answers[action];
  if (answer === undefined) {
    response
      .writeHead(403)
      .end('<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>');
  } else if (typeof answer === 'string') {
    response.end(answer.startsWith('{') ? answer : `<R><${action}Result>${answer}</${action}Result></R>`);
  } else {
    const at = Number(form.get('NextToken') ?? 0);
    const next = at + 1 < answer.length ? `<nextToken>${at + 1}</nextToken>` : '';
    response.end(`<R><${LISTS[action]}>${answer[at] ?? ''}</${LISTS[action]}>${next}</R>`);
  }
}

async function inspectorOf(t: TestContext, answers: Answers) {
  const server = createServer((request, response) => {
    void text(request).then((body) => reply(answers, request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const settings = () => ({
    region: 'us-west-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    maxAttempts: 1,
  });
  return openInspector(settings, openDirectory(settings, undefined));
}

async function brokenLink(
  t: TestContext,
  changes: Answers,
  without: readonly string[] = [],
): Promise<string> {
  const answers = Object.fromEntries(
    Object.entries({ ...HEALTHY, ...changes }).filter(([action]) => !without.includes(action)),
  );
  const checks = diagnosePath(await (await inspectorOf(t, answers)).inspect(ID));
  const broken = findBroken(checks);
  return broken === null
    ? checks.map(({ verdict }) => verdict).join(' ')
    : `${broken.what}: ${broken.detail}`;
}

test('everything is read, page after page, and all is right', async (t) => {
  const facts = await (await inspectorOf(t, HEALTHY)).inspect(ID);
  assert.deepEqual(facts.instance, {
    id: ID,
    accountId: '123456789012',
    name: 'SBW_EC2_ShinyDWH',
    state: 'running',
    privateIp: '10.0.128.10',
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    securityGroupIds: ['sg-instance'],
    profileArn: 'arn:aws:iam::123456789012:instance-profile/sbw',
  });
  assert.deepEqual(
    facts.endpoints?.map(({ service }) => service),
    ['s3', 'ssm', 'ssmmessages'],
  );
  assert.deepEqual(facts.policies, ['AmazonSSMManagedInstanceCore']);
  assert.equal(facts.hasDefaultRoute, false);
  assert.equal(await brokenLink(t, {}), 'ok ok ok ok ok');
});

test('each broken link is named from what AWS says', async (t) => {
  assert.equal(await brokenLink(t, { DescribeInstances: [instance('stopped')] }), 'instance: stopped');
  assert.equal(await brokenLink(t, { DescribeInstances: [] }), 'instance: does not exist');
  assert.match(
    await brokenLink(t, { DescribeVpcEndpoints: [endpoint('ssm')] }),
    /^endpoint ssmmessages: missing/,
  );
  assert.match(
    await brokenLink(t, { DescribeVpcEndpoints: [endpoint('ssm'), endpoint('ssmmessages', 'dns')] }),
    /^endpoint ssmmessages: without private DNS/,
  );
  assert.match(
    await brokenLink(t, { DescribeSecurityGroups: [group('10.0.0.0/20')] }),
    /^endpoint ssmmessages: its security group lets 10\.0\.0\.0\/20 in on 443, and the instance is 10\.0\.128\.10/,
  );
  assert.match(
    await brokenLink(t, { DescribeInstanceInformation: '{"InstanceInformationList":[]}' }),
    /^SSM agent: has never registered/,
  );
  const open = { DescribeRouteTables: [`<item><routeSet>${route('0.0.0.0/0')}</routeSet></item>`] };
  assert.equal(await brokenLink(t, { ...open, DescribeVpcEndpoints: [] }), 'ok ok ok ok');
});

test('what may not be read is unknown, and breaks nothing', async (t) => {
  assert.equal(
    await brokenLink(t, {}, ['DescribeVpcEndpoints', 'GetInstanceProfile']),
    'ok unknown ok unknown ok',
  );
  assert.equal(await brokenLink(t, {}, Object.keys(HEALTHY)), 'unknown unknown');
});
