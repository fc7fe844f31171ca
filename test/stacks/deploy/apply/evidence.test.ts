import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withEvidence } from '../../../../src/stacks/deploy/apply/evidence.ts';
import { diagnose } from '../../../../src/stacks/deploy/diagnose/diagnose.ts';
import { StackFailure } from '../../../../src/stacks/deploy/diagnose/failure.ts';

function failureOf(code: string, serverIds: readonly string[]): StackFailure {
  const failed = {
    stackName: 's',
    stackId: 'arn',
    status: 'ROLLBACK_COMPLETE',
    isUntouched: false,
    serverIds,
  };
  return new StackFailure(failed, { ...diagnose([], new Map(), ''), code });
}

const diagnosisOf = (error: Error) => (error as StackFailure).diagnosis;

test('the end of what the server showed stands beside the cause', async () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}\r`).join('\n\n');
  const error = await withEvidence({ console: async () => lines }, failureOf('HOST_NOT_READY', ['i-1']));
  const { evidence, evidenceProblem } = diagnosisOf(error);
  assert.deepEqual([evidence.length, evidence[0], evidence.at(-1)], [20, 'line 80', 'line 99']);
  assert.equal(evidenceProblem, '');
});

test('a console that is empty or closed is told beside the cause, never instead of it', async () => {
  const failure = failureOf('HOST_SILENT', ['i-1']);
  const empty = await withEvidence({ console: async () => '\n \n' }, failure);
  assert.equal(diagnosisOf(empty).evidenceProblem, 'the console of i-1 shows nothing');
  const closed = await withEvidence({ console: () => Promise.reject(new Error('not allowed')) }, failure);
  assert.equal((closed as StackFailure).code, 'HOST_SILENT');
  assert.match(diagnosisOf(closed).evidenceProblem, /cannot be read: not allowed$/);
});

test('no other failure asks a server', async () => {
  const servers = { console: () => Promise.reject(new Error('asked')) };
  for (const error of [
    new Error('odd'),
    failureOf('VPC_LIMIT_REACHED', ['i-1']),
    failureOf('HOST_NOT_READY', []),
  ]) {
    assert.equal(await withEvidence(servers, error), error);
  }
});
