import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { isNotFound, toSbwError } from '../../../src/adapters/aws/aws-errors.ts';
import { SbwError } from '../../../src/errors.ts';

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

const CALL = { action: 'ec2:CreateVpc', profile: 'shop' };

test('AWS has many words for the same thing; each has our code and says what to do', () => {
  const words: Readonly<Record<string, readonly string[]>> = {
    AWS_CREDENTIALS_EXPIRED: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'],
    AWS_CREDENTIALS_REFUSED: [
      ...['AuthFailure', 'InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidAccessKeyId'],
      'SignatureDoesNotMatch',
    ],
    CLOCK_SKEWED: ['RequestTimeTooSkewed', 'InvalidSignatureException'],
    AWS_REGION_DISABLED: ['OptInRequired', 'RegionDisabledException'],
    AWS_ACCESS_DENIED: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden'],
    AWS_THROTTLED: ['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'SlowDown'],
  };
  for (const [code, names] of Object.entries(words)) {
    for (const name of names) {
      // EC2 and S3 leave the word in Code, the others in the error's name.
      for (const error of [failure({ name }), failure({ Code: name })]) {
        const told = toSbwError(error, CALL);
        assert.deepEqual([told.code, told.kind, told.cause], [code, 'environment', error], name);
        assert.ok((told.fix ?? '').length > 10, name);
      }
    }
  }
});

test('the fix names the profile, the permission, the action', () => {
  assert.match(
    toSbwError(failure({ name: 'ExpiredToken' }), CALL).fix ?? '',
    /^aws sso login --profile shop /,
  );
  assert.doesNotMatch(toSbwError(failure({ name: 'ExpiredToken' }), { action: 'x' }).fix ?? '', /--profile/);
  const denied = toSbwError(failure({ name: 'AccessDenied' }), CALL);
  assert.match(denied.message, /^May not call ec2:CreateVpc: said$/);
  assert.match(denied.fix ?? '', /the permission ec2:CreateVpc/);
});

test('a 403 to a HEAD has no word in it, and is a refusal all the same', async (t) => {
  const server = createServer((_, response) => response.writeHead(403).end());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'ap-southeast-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  t.after(() => client.destroy());
  const error: unknown = await client.send(new HeadBucketCommand({ Bucket: 'raw' })).catch((e: unknown) => e);
  const told = toSbwError(error, { action: 's3:ListBucket' });
  assert.equal(told.code, 'AWS_ACCESS_DENIED');
  assert.match(told.message, /^May not call s3:ListBucket/);
});

test('a quota is not a throttle: waiting does not help', () => {
  const told = toSbwError(failure({ name: 'LimitExceededException', message: 'too many rules' }), CALL);
  assert.equal(told.code, 'AWS_CALL_FAILED');
  assert.match(told.message, /too many rules/);
});

test("what tells nobody anything is left out of AWS's words", () => {
  const message = `You are not authorized. Encoded authorization failure message: ${'x'.repeat(2000)}`;
  const told = toSbwError(failure({ name: 'UnauthorizedOperation', message }), CALL);
  assert.equal(told.message, 'May not call ec2:CreateVpc: You are not authorized.');
  const long = toSbwError(failure({ name: 'Odd', message: 'y'.repeat(5000) }), CALL);
  assert.ok(long.message.length < 700);
});

test('everything else is told as it is, and an error of ours stays what it was', () => {
  const told = toSbwError(failure({ name: 'ValidationError' }), CALL);
  assert.deepEqual(
    [told.code, told.message],
    ['AWS_CALL_FAILED', 'ec2:CreateVpc failed: ValidationError: said'],
  );
  const ours = new SbwError('STACK_PROTECTED', 'No.');
  assert.equal(toSbwError(ours, CALL), ours);
  assert.equal(toSbwError(failure({ name: 'TimeoutError' }), CALL).code, 'AWS_UNREACHABLE');
});
