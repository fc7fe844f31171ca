import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  answerHandshake,
  closedOutput,
  customerMessage,
  openMessage,
  parseHandshakeRequest,
} from '../../../src/tunnel/wire/handshake.ts';
import { speaksMux, takesTerminateFlag, wantsKeepAlive } from '../../../src/tunnel/version.ts';

const SESSION = {
  ActionType: 'SessionType',
  ActionParameters: {
    SessionType: 'Port',
    Properties: { localPortNumber: '0', portNumber: '7001', type: 'LocalPortForwarding' },
  },
};

const ask = (...actions: unknown[]): Buffer =>
  Buffer.from(JSON.stringify({ AgentVersion: '3.3.0.0', RequestedClientActions: actions }));

test('a port session is agreed to, in the words the agent knows', () => {
  const request = parseHandshakeRequest(ask(SESSION));
  assert.equal(request?.agentVersion, '3.3.0.0');
  const answer = answerHandshake(request);
  assert.equal(answer.refusal, null);
  assert.equal(answer.forwardingType, 'LocalPortForwarding');
  assert.equal(
    answer.payload.toString(),
    '{"ClientVersion":"1.2.896.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}',
  );
});

test('what we cannot do is refused, one entry per action, in their order', () => {
  const request = parseHandshakeRequest(
    ask(
      SESSION,
      { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'k' } },
      { ActionType: 'Dance' },
    ),
  );
  const { payload, refusal } = answerHandshake(request!);
  const { ProcessedClientActions: processed } = JSON.parse(payload.toString()) as {
    ProcessedClientActions: { ActionType: string; ActionStatus: number }[];
  };
  assert.deepEqual(
    processed.map(({ ActionType, ActionStatus }) => [ActionType, ActionStatus]),
    [
      ['SessionType', 1],
      ['KMSEncryption', 2],
      ['Dance', 3],
    ],
  );
  assert.match(refusal ?? '', /KMS/);
  const shell = { ...SESSION, ActionParameters: { SessionType: 'Standard_Stream' } };
  assert.match(answerHandshake(parseHandshakeRequest(ask(shell))!).refusal ?? '', /Standard_Stream/);
});

test('the SSH document has no type', () => {
  const ssh = { ...SESSION, ActionParameters: { SessionType: 'Port', Properties: { portNumber: '22' } } };
  assert.equal(answerHandshake(parseHandshakeRequest(ask(ssh))!).forwardingType, '');
});

test('no JSON makes the parsers throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const payload = Buffer.from(text);
      const request = parseHandshakeRequest(payload);
      if (request !== null) answerHandshake(request);
      assert.equal(typeof customerMessage(payload) + typeof closedOutput(payload), 'stringstring');
    }),
  );
  assert.equal(parseHandshakeRequest(Buffer.from('{"RequestedClientActions":{}}')), null);
  assert.equal(parseHandshakeRequest(ask(null, 7, 'x'))?.actions.length, 3);
});

test('the open message has exactly the keys of the official client, in its order', () => {
  assert.equal(
    openMessage('secret', 'r', 'c'),
    '{"MessageSchemaVersion":"1.0","RequestId":"r","TokenValue":"secret","ClientId":"c","ClientVersion":"1.2.896.0"}',
  );
});

test('versions decide at the right side of each border', () => {
  const borders: [(version: string) => boolean, string, string][] = [
    [speaksMux, '3.0.196.0', '3.0.197.0'],
    [takesTerminateFlag, '2.3.722.0', '2.3.722.1'],
  ];
  for (const [decide, last, next] of borders) {
    assert.deepEqual([decide(last), decide(next)], [false, true], last);
  }
  assert.deepEqual(['3.1.1511.0', '3.1.1512.0'].map(wantsKeepAlive), [true, false]);
  // As numbers, not as text.
  assert.ok(speaksMux('3.0.1000.0') && speaksMux('10.0.0.0'));
  for (const version of ['', '3.1', 'latest', '3.3.0.0-beta', '3.3.0.0.1', '99999999999.0.0.0']) {
    assert.equal(speaksMux(version), false, version);
  }
});
