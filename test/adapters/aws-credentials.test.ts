import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialsFrom } from '../../src/adapters/aws-credentials.ts';
import type { AwsCredentials } from '../../src/adapters/sigv4.ts';

const MINUTE_MS = 60_000;

/** A provider that hands out keys 1, 2, 3... living so long; it fails when told to. */
function provider(minutes: number | null): {
  provide: () => Promise<AwsCredentials>;
  asked: () => number;
  fail: () => void;
} {
  let asked = 0;
  let isBroken = false;
  return {
    asked: () => asked,
    fail: () => (isBroken = true),
    provide: async () => {
      asked += 1;
      if (isBroken) throw new Error('the SSO session has ended');
      const expiration = minutes === null ? undefined : new Date(Date.now() + minutes * MINUTE_MS);
      return { accessKeyId: `key ${asked}`, secretAccessKey: 'secret', expiration };
    },
  };
}

test('asks once, however many requests wait, and keeps what lasts', async () => {
  for (const minutes of [null, 60]) {
    const { provide, asked } = provider(minutes);
    const credentials = credentialsFrom(undefined, provide);
    const all = await Promise.all(Array.from({ length: 50 }, async () => credentials()));
    assert.equal(new Set(all.map(({ accessKeyId }) => accessKeyId)).size, 1);
    await credentials();
    assert.equal(asked(), 1);
  }
});

test('renews what ends within five minutes', async () => {
  const { provide, asked } = provider(4);
  const credentials = credentialsFrom(undefined, provide);
  await credentials();
  assert.equal((await credentials()).accessKeyId, 'key 2');
  assert.equal(asked(), 2);
});

test('while the provider is away, what is still valid serves; what is not is an error', async () => {
  const lasting = provider(4);
  const credentials = credentialsFrom(undefined, lasting.provide);
  await credentials();
  lasting.fail();
  assert.equal((await credentials()).accessKeyId, 'key 1');

  const ended = provider(-1);
  const expired = credentialsFrom('shop', ended.provide);
  await expired();
  ended.fail();
  await assert.rejects(async () => expired(), {
    code: 'AWS_CREDENTIALS_MISSING',
    kind: 'environment',
    fix: /aws sso login --profile shop/,
  });
});
