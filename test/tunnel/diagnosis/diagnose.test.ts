import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { checkAttempt } from '../../../src/tunnel/diagnosis/attempt.ts';
import { diagnosePath, findBroken } from '../../../src/tunnel/diagnosis/diagnose.ts';
import type { EndpointFacts, IngressRule, PathFacts } from '../../../src/tunnel/diagnosis/facts.ts';
import { unknownInstance } from '../../../src/tunnel/target/find-instance.ts';

const RULE: IngressRule = {
  protocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  cidrs: ['10.0.128.0/20'],
  hasPrefixLists: false,
  securityGroupIds: [],
};
const endpoint = (service: string, changes: Partial<EndpointFacts> = {}): EndpointFacts => ({
  service,
  state: 'available',
  hasPrivateDns: true,
  ingress: [RULE],
  securityGroupIds: ['sg-endpoint'],
  ...changes,
});
const INSTANCE = {
  ...unknownInstance('i-1'),
  state: 'running',
  privateIp: '10.0.128.10',
  vpcId: 'vpc-1',
  securityGroupIds: ['sg-1'],
  profileArn: 'arn:aws:iam::1:instance-profile/p',
};
const FINE: PathFacts = {
  instance: INSTANCE,
  agent: { ping: 'Online', version: '3.3.987.0', lastPingAt: null },
  policies: ['AmazonSSMManagedInstanceCore'],
  endpoints: [endpoint('ssm'), endpoint('ssmmessages')],
  hasDefaultRoute: false,
};

const brokenIn = (changes: Partial<PathFacts>): string => {
  const broken = findBroken(diagnosePath({ ...FINE, ...changes }));
  return broken === null ? '' : `${broken.what}: ${broken.detail}`;
};

const withIngress = (rule: Partial<IngressRule>): Partial<PathFacts> => ({
  agent: null,
  endpoints: [endpoint('ssm', { ingress: [{ ...RULE, ...rule }] }), endpoint('ssmmessages')],
});

test('a path on which all is right has no broken link, and says so link by link', () => {
  const checks = diagnosePath(FINE);
  assert.deepEqual(
    checks.map(({ what }) => what),
    ['instance', 'role', 'endpoint ssm', 'endpoint ssmmessages', 'SSM agent'],
  );
  assert.ok(checks.every(({ verdict }) => verdict === 'ok'));
  assert.equal(findBroken(checks), null);
});

test('each link that breaks is named, the first of several', () => {
  assert.match(brokenIn({ instance: undefined }), /^instance: does not exist/);
  assert.match(
    brokenIn({ instance: { ...INSTANCE, state: 'stopped' }, agent: 'unregistered' }),
    /^instance: stopped/,
  );
  assert.match(brokenIn({ instance: { ...INSTANCE, profileArn: null } }), /^role: the instance has none/);
  assert.match(brokenIn({ endpoints: [endpoint('ssm')] }), /^endpoint ssmmessages: missing/);
  assert.match(
    brokenIn({ agent: null, endpoints: [endpoint('ssm', { state: 'pending' })] }),
    /^endpoint ssm: is pending/,
  );
  assert.match(
    brokenIn({ agent: null, endpoints: [endpoint('ssm', { hasPrivateDns: false })] }),
    /^endpoint ssm: without private DNS/,
  );
  assert.match(brokenIn({ agent: 'unregistered' }), /^SSM agent: has never registered/);
  const lost = { ping: 'ConnectionLost', version: '3.3.0.0', lastPingAt: new Date('2026-01-02T03:04:05Z') };
  assert.equal(
    brokenIn({ agent: lost }),
    'SSM agent: ConnectionLost, last heard 2026-01-02T03:04Z, version 3.3.0.0',
  );
});

test('every broken link has a fix', () => {
  const broken: Partial<PathFacts>[] = [
    { instance: undefined },
    { instance: { ...INSTANCE, state: 'stopped' } },
    { instance: { ...INSTANCE, state: 'stopping' } },
    { instance: { ...INSTANCE, profileArn: null } },
    { endpoints: [] },
    { agent: null, endpoints: [endpoint('ssm', { state: 'failed' })] },
    { agent: null, endpoints: [endpoint('ssm', { hasPrivateDns: false })] },
    withIngress({ cidrs: [] }),
    { agent: 'unregistered' },
    { agent: { ping: 'Online', version: '2.3.1.0', lastPingAt: null } },
    { agent: { ping: 'Inactive', version: '3.3.0.0', lastPingAt: null } },
  ];
  for (const changes of broken)
    assert.ok(findBroken(diagnosePath({ ...FINE, ...changes }))?.fix, JSON.stringify(changes));
});

test('who lets 443 in from the instance: its network, its group, everybody; and who does not', () => {
  const admitting: Partial<IngressRule>[] = [
    { cidrs: ['10.0.0.0/16'] },
    { cidrs: ['0.0.0.0/0'] },
    { cidrs: ['10.0.128.10/32'] },
    { cidrs: [], securityGroupIds: ['sg-0', 'sg-1'] },
    { protocol: '-1', fromPort: 0, toPort: 65_535 },
    { fromPort: 1, toPort: 1024 },
  ];
  for (const rule of admitting) assert.equal(brokenIn(withIngress(rule)), '', JSON.stringify(rule));
  const barring: Partial<IngressRule>[] = [
    { cidrs: ['10.0.0.0/20'] },
    { cidrs: ['10.0.128.11/32'] },
    { cidrs: ['nonsense', '::/0'] },
    { cidrs: [], securityGroupIds: ['sg-2'] },
    { protocol: 'udp' },
    { fromPort: 444, toPort: 1024 },
  ];
  assert.equal(brokenIn(withIngress({ cidrs: [], hasPrefixLists: true })), '');
  for (const rule of barring)
    assert.match(brokenIn(withIngress(rule)), /^endpoint ssm: its security group/, JSON.stringify(rule));
});

test('an agent that is too old is named, for what it is asked to do', () => {
  const agent = (version: string): PathFacts => ({
    ...FINE,
    agent: { ping: 'Online', version, lastPingAt: null },
  });
  const broken = (facts: PathFacts, toHost: boolean): string =>
    findBroken(diagnosePath(facts, toHost))?.detail ?? '';
  assert.match(broken(agent('2.3.671.9'), false), /^version 2\.3\.671\.9 is too old for port forwarding/);
  assert.equal(broken(agent('2.3.672.0'), false), '');
  assert.match(broken(agent('3.1.1373.0'), true), /too old for --remote-host \(3\.1\.1374\.0 can\)/);
  assert.equal(broken(agent('3.1.1374.0'), true), '');
});

test('what the agent uses is no broken link, whatever it looks like from here', () => {
  assert.equal(brokenIn({ endpoints: [endpoint('ssmmessages')] }), '');
  assert.match(brokenIn({ endpoints: [endpoint('ssmmessages')], agent: null }), /^endpoint ssm: missing/);
});

test('what the attempt itself has met is a link too', () => {
  const met = (code: string): string[] =>
    checkAttempt(new SbwError(code, 'told', { fix: 'mended' }), 'i-1 port 3838').map(
      ({ what, verdict, fix = '' }) => `${verdict} ${what} ${fix}`.trim(),
    );
  assert.deepEqual(met('TUNNEL_NOT_CONNECTED'), []);
  assert.deepEqual(met('AWS_ACCESS_DENIED'), ['broken your permission mended']);
  assert.deepEqual(met('TUNNEL_UPGRADE_REFUSED'), ['broken your permission mended']);
  assert.deepEqual(met('TUNNEL_DOCUMENT_INVALID'), ['broken document mended']);
  assert.deepEqual(met('TUNNEL_TARGET_REFUSED'), ['ok your permission', 'ok document', 'broken port mended']);
});

test('with a route to the internet endpoints do not matter', () => {
  assert.equal(brokenIn({ endpoints: [], hasDefaultRoute: true }), '');
});

test('what may not be looked at is no broken link', () => {
  const blind: PathFacts = {
    instance: null,
    agent: null,
    policies: null,
    endpoints: null,
    hasDefaultRoute: null,
  };
  assert.equal(findBroken(diagnosePath(blind)), null);
  assert.equal(brokenIn({ policies: null, endpoints: null, agent: null }), '');
  assert.equal(brokenIn({ policies: ['OurOwn'] }), '');
  assert.equal(brokenIn({ endpoints: [endpoint('ssm', { ingress: null }), endpoint('ssmmessages')] }), '');
});
