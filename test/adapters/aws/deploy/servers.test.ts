import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServers } from '../../../../src/adapters/aws/deploy/servers.ts';
import { type FakeAws, startFakeAws } from '../../../fakes/aws/fake-aws.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

let aws: FakeAws;
let servers: ReturnType<typeof openServers>;
before(async () => {
  aws = await startFakeAws({ msPerMinute: 100 });
  const seed = (id: string, attributes: Record<string, unknown>) =>
    aws.seed.thing({ type: 'AWS::EC2::Instance', id, state: 'running', attributes });
  seed('i-online', { OnlineSince: aws.clock.now().toISOString() });
  seed('i-silent', {});
  servers = openServers(settingsFor(aws));
});
after(async () => {
  servers.close();
  await aws.close();
});

test('lines are run by the agent, and their end is waited for', async () => {
  const ran: string[] = [];
  aws.onCommand((id, lines) => {
    ran.push(id, ...lines);
    return { stdout: '200\n', stderr: 'warn', exitCode: 3, minutes: 4 };
  });
  assert.deepEqual(await servers.run('i-online', ['one', 'two'], 60), {
    ...{ exitCode: 3, stdout: '200\n', stderr: 'warn' },
  });
  assert.deepEqual(ran, ['i-online', 'one', 'two']);
  const sent = aws.calls.find(({ action }) => action === 'ssm:SendCommand');
  assert.equal(sent?.input['DocumentName'], 'AWS-RunShellScript');
});

test('just after it was sent, SSM may not know the command yet', async () => {
  aws.onCommand(() => ({ stdout: 'late', stderr: '', exitCode: 0, minutes: 0.01 }));
  aws.fail({
    action: 'ssm:GetCommandInvocation',
    error: { code: 'InvocationDoesNotExist', message: '' },
    times: 2,
  });
  assert.equal((await servers.run('i-online', ['x'], 60))?.stdout, 'late');
});

test('no agent, no such server, no end in time: null', async () => {
  assert.equal(await servers.run('i-silent', ['x'], 60), null);
  assert.equal(await servers.run('i-gone', ['x'], 60), null);
  aws.onCommand(() => ({ stdout: '', stderr: '', exitCode: 0, minutes: 100_000 }));
  assert.equal(await servers.run('i-online', ['x'], 0.5), null);
});

test('a server is gone when it was terminated or nobody knows it; not when it stops or ends just now', async () => {
  const states: [string, boolean][] = [];
  for (const state of ['running', 'stopped', 'shutting-down', 'terminated']) {
    aws.seed.thing({ type: 'AWS::EC2::Instance', id: `i-${state}`, state, attributes: {} });
    states.push([state, await servers.isGone(`i-${state}`)]);
  }
  assert.deepEqual(
    states.flatMap(([state, isGone]) => (isGone ? [state] : [])),
    ['terminated'],
  );
  assert.equal(await servers.isGone('i-0never0was0there'), true);
});

test('no right to ask is no silent agent', async () => {
  aws.deny('ssm:SendCommand');
  await assert.rejects(servers.run('i-online', ['x'], 60), { code: 'AWS_ACCESS_DENIED' });
});

test('the console as text; of a server that is gone, nothing', async () => {
  aws.setHost({ console: 'step 50\nno space left\n' });
  assert.equal(await servers.console('i-online'), 'step 50\nno space left\n');
  assert.equal(await servers.console('i-gone'), '');
});
