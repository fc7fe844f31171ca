import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNotFound, toSbwError } from '../../../src/adapters/aws/aws-errors.ts';

const failure = (more: object): Error => Object.assign(new Error('said'), more);

test('what AWS calls not there, is not there', () => {
  for (const name of [
    'ResourceNotFoundException',
    'NoSuchBucket',
    'ParameterNotFound',
    'NotFound',
    'NoSuchEntity',
  ]) {
    assert.ok(isNotFound(failure({ name })), name);
  }
  for (const code of ['InvalidVpcID.NotFound', 'AWS.SimpleQueueService.NonExistentQueue']) {
    assert.ok(isNotFound(failure({ Code: code })), code);
  }
});

test('who was not reached has not said that anything is gone', () => {
  for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE']) {
    const error = failure({ code });
    assert.equal(isNotFound(error), false, code);
    const told = toSbwError(error, { action: 'ec2:DescribeVpcs' });
    assert.deepEqual([told.code, told.kind], ['AWS_UNREACHABLE', 'environment'], code);
  }
  assert.equal(isNotFound(failure({ name: 'AccessDenied' })), false);
});
