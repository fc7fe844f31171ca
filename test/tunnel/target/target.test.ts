import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { findInstance, getInstance, unknownInstance } from '../../../src/tunnel/target/find-instance.ts';
import type { Directory, Instance } from '../../../src/tunnel/target/find-instance.ts';
import { requestFor } from '../../../src/tunnel/target/request.ts';

const PLACE = { stack: 'sbw-dev-warehouse', tags: { 'sbw:stage': 'dev' }, name: 'SBW_EC2_ShinyDWH' };
const instance = (id: string, state = 'running'): Instance => ({ ...unknownInstance(id), state });

/** A directory with these instances, found by these ways only. */
function directory(found: { output?: Instance; tagged?: Instance[]; named?: Instance[] }): Directory {
  return {
    outputsOf: async () => (found.output === undefined ? null : { InstanceId: found.output.id }),
    instancesWith: async (tags) => ('Name' in tags ? found.named : found.tagged) ?? [],
    findInstance: async (id) => (found.output?.id === id ? found.output : null),
  };
}

test("the stack's output first, then its tags, then the name", async () => {
  const [output, tagged, named] = [instance('i-1'), [instance('i-2')], [instance('i-3')]];
  assert.equal((await findInstance(directory({ output, tagged, named }), PLACE)).id, 'i-1');
  assert.equal((await findInstance(directory({ tagged, named }), PLACE)).id, 'i-2');
  assert.equal((await findInstance(directory({ named }), PLACE)).id, 'i-3');
});

test('an output that names an instance which is gone does not end the search', async () => {
  const stale = {
    ...directory({ tagged: [instance('i-2')] }),
    outputsOf: async () => ({ InstanceId: 'i-old' }),
  };
  assert.equal((await findInstance(stale, PLACE)).id, 'i-2');
});

test('who may not read stacks finds it by tags; any other trouble is told', async () => {
  const failing = (code: string): Directory => ({
    ...directory({ tagged: [instance('i-2')] }),
    outputsOf: () => Promise.reject(new SbwError(code, 'no')),
  });
  assert.equal((await findInstance(failing('AWS_ACCESS_DENIED'), PLACE)).id, 'i-2');
  await assert.rejects(findInstance(failing('AWS_CREDENTIALS_EXPIRED'), PLACE), {
    code: 'AWS_CREDENTIALS_EXPIRED',
  });
});

test('of several the one that runs; when that does not decide, the operator does', async () => {
  const one = directory({ tagged: [instance('i-1', 'stopped'), instance('i-2')] });
  assert.equal((await findInstance(one, PLACE)).id, 'i-2');
  const two = directory({ named: [instance('i-1'), instance('i-2'), instance('i-3', 'stopped')] });
  await assert.rejects(findInstance(two, PLACE), (error: SbwError) => {
    assert.equal(error.code, 'TUNNEL_TARGET_AMBIGUOUS');
    assert.match(error.message, /i-1 \(running\), i-2 \(running\)\.$/);
    return true;
  });
  await assert.rejects(findInstance(directory({}), PLACE), { code: 'TUNNEL_TARGET_NOT_FOUND' });
});

test('an id is taken when it is one; machines outside EC2 are not looked up', async () => {
  const one = directory({ output: instance('i-0123456789abcdef0') });
  assert.equal((await getInstance(one, 'i-0123456789abcdef0')).state, 'running');
  assert.equal((await getInstance(one, 'mi-0123456789abcdef0')).id, 'mi-0123456789abcdef0');
  for (const id of ['', 'i-', 'i-xyz', '-i-01234567', 'i-01234567 --x']) {
    await assert.rejects(getInstance(one, id), { code: 'INSTANCE_ID_INVALID' }, id);
  }
});

test('the request: the document that fits, and every parameter a list', () => {
  const forwarding = { instanceId: 'i-1', port: 5432, reason: 'r'.repeat(300) };
  const own = requestFor(forwarding);
  assert.deepEqual(
    [own.document, own.parameters, own.reason.length],
    ['AWS-StartPortForwardingSession', { portNumber: ['5432'], localPortNumber: ['0'] }, 256],
  );
  const other = requestFor({ ...forwarding, remoteHost: 'db.internal' });
  assert.deepEqual(
    [other.document, other.parameters],
    [
      'AWS-StartPortForwardingSessionToRemoteHost',
      { host: ['db.internal'], portNumber: ['5432'], localPortNumber: ['0'] },
    ],
  );
  const locked = requestFor({ ...forwarding, document: 'Mine', parameters: { a: 'b' } });
  assert.deepEqual([locked.document, locked.parameters], ['Mine', { a: ['b'] }]);
  assert.deepEqual(requestFor({ ...forwarding, document: 'Mine' }).parameters, { portNumber: ['5432'] });
  assert.throws(() => requestFor({ ...forwarding, document: 'a b' }), {
    code: 'TUNNEL_DOCUMENT_NAME_INVALID',
  });
  assert.throws(() => requestFor({ ...forwarding, remoteHost: '-x' }), { code: 'TUNNEL_HOST_INVALID' });
});
