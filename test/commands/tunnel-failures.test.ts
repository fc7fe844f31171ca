import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SbwError } from '../../src/errors.ts';
import { INSTANCE } from '../fakes/ssm/fake-ssm.ts';
import { desk, failsWith, HEALTHY, SERVER } from '../tunnel/desk.ts';

test('what fails behind the tunnel is said, and nothing is left', async (t) => {
  const failing = await desk(t, 500);
  await assert.rejects(failing.run('shiny'), failsWith('TUNNEL_APP_FAILING'));
  assert.equal(failing.ssm.active.length, 0);
  const missing = await desk(t, 404);
  await assert.rejects(missing.run('shiny'), failsWith('TUNNEL_APP_FAILING'));
  const one = await desk(t);
  await assert.rejects(one.run('dwh'), failsWith('TUNNEL_NOT_POSTGRES'));
  await assert.rejects(one.run('webdb', '--remote-host', 'db.internal'), failsWith('TUNNEL_NOT_POSTGRES'));
  assert.equal(one.ssm.active.length, 0);
  one.hurry = 50;
  one.world = { probe: { http: () => Promise.reject(new Error('reset')), postgres: () => assert.fail() } };
  await assert.rejects(one.run('shiny'), failsWith('TUNNEL_NO_ANSWER'));
  assert.equal(one.ssm.active.length, 0);
});

test('an agent that is not connected: the path is walked and the first broken link named', async (t) => {
  const one = await desk(t);
  one.ssm.always.set('StartSession', { status: 400, name: 'TargetNotConnected' });
  const endpoint = { state: 'available', hasPrivateDns: true, securityGroupIds: ['sg-endpoint'] };
  const rule = {
    protocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    cidrs: ['10.0.0.0/20'],
    securityGroupIds: [],
    hasPrefixLists: false,
  };
  one.world = {
    inspector: {
      inspect: async () => ({
        ...HEALTHY,
        hasDefaultRoute: false,
        agent: 'unregistered',
        endpoints: [
          { ...endpoint, service: 'ssm', ingress: [{ ...rule, cidrs: ['10.0.0.0/16'] }] },
          { ...endpoint, service: 'ssmmessages', ingress: [rule] },
        ],
      }),
    },
  };
  await assert.rejects(one.run('shiny'), (error: SbwError) => {
    assert.equal(error.code, 'TUNNEL_NOT_CONNECTED');
    assert.match(
      error.message,
      /endpoint ssmmessages: its security group lets 10\.0\.0\.0\/20 in on 443, and the instance is 10\.0\.128\.10/,
    );
    assert.match(error.fix ?? '', /--group-id sg-endpoint .*--source-group sg-instance/);
    return true;
  });
  assert.match(one.ctx.stderr.join('\n'), /ok {2}endpoint ssm: reachable\n {2}NO {2}endpoint ssmmessages/);
});

test('what the attempt itself meets is a link of the path: permission, document, port', async (t) => {
  const one = await desk(t);
  const message =
    'User: arn:aws:iam::1:user/x is not authorized to perform: ssm:StartSession on resource: arn:aws:ssm:us-west-1::document/AWS-StartPortForwardingSession';
  one.ssm.refusals.set('StartSession', [
    { status: 400, name: 'AccessDeniedException', message },
    { status: 400, name: 'InvalidDocument', message: 'Document X does not exist' },
  ]);
  const said = async (code: string): Promise<string> => {
    one.ctx.stderr.length = 0;
    await assert.rejects(one.run('shiny'), failsWith(code));
    return one.ctx.stderr.join('\n');
  };
  assert.match(
    await said('AWS_ACCESS_DENIED'),
    /ok {2}SSM agent: .*\n {2}NO {2}your permission: May not call ssm:StartSession on arn/,
  );
  assert.match(await said('TUNNEL_DOCUMENT_INVALID'), /NO {2}document: .*Document X does not exist/);
  one.ssm.agent = { target: { host: '127.0.0.1', port: 1 } };
  const refused = await said('TUNNEL_TARGET_REFUSED');
  assert.match(
    refused,
    /ok {2}document: .*\n {2}NO {2}port: nothing answers at i-0123456789abcdef0 port 3838/,
  );
  assert.equal(refused.match(/could not connect/g), null);
  // An earlier link that is broken is the reason, with the place that was looked at.
  one.ssm.refusals.set('StartSession', [{ status: 400, name: 'TargetNotConnected' }]);
  one.world = {
    inspector: { inspect: async () => ({ ...HEALTHY, instance: { ...SERVER, state: 'stopped' } }) },
  };
  await assert.rejects(one.run('shiny'), (error: SbwError) => {
    assert.match(
      error.message,
      /\(i-0123456789abcdef0 in us-west-1, account 123456789012\) instance: stopped\.$/,
    );
    assert.equal(error.fix, `aws ec2 start-instances --instance-ids ${INSTANCE}`);
    return true;
  });
  assert.equal(one.ssm.active.length, 0);
});

test('what cannot be meant is refused before anything is done', async (t) => {
  const one = await desk(t);
  const wrong: [string, ...string[]][] = [
    ['TUNNEL_TARGET_UNKNOWN', 'shinny'],
    ['TUNNEL_FLAGS_INVALID'],
    ['TUNNEL_FLAGS_INVALID', '--instance', INSTANCE],
    ['TUNNEL_FLAGS_INVALID', 'shiny', 'dwh', '--port', '3838'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--json', '--', 'true'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--bind', 'localhost'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', 'dwh', '--use-plugin'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--use-plugin', '--ready-file', 'x'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--use-plugin', '--sessions', '2'],
    ['TUNNEL_FLAGS_INVALID', 'shiny', '--use-plugin', '--', 'true'],
    [
      'TUNNEL_FLAGS_INVALID',
      '--instance',
      INSTANCE,
      '--port',
      '1',
      '--document',
      'Mine',
      '--parameter',
      '=x',
    ],
    ['BIND_EXPOSES', 'shiny', '--bind', '0.0.0.0'],
    ['INSTANCE_ID_INVALID', '--instance', 'i-1; rm -rf', '--port', '80'],
    ['TUNNEL_TARGET_NOT_FOUND', '--instance', 'i-0000000000000000f', '--port', '80'],
    ['TUNNEL_HOST_INVALID', 'shiny', '--remote-host', '-oProxyCommand=x'],
    ['STAGE_INVALID', 'shiny', '--stage', '../x'],
  ];
  for (const [code, ...argv] of wrong)
    await assert.rejects(one.run(...argv), failsWith(code), argv.join(' '));
  assert.deepEqual(one.ssm.calls, []);
});
