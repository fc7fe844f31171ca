import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, ChecksumConstructor, HashConstructor } from '@smithy/types';
import assert from 'node:assert/strict';
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY_PAYLOAD_HASH, encodeKey, encodeQuery, S3Signer } from '../../src/adapters/sigv4.ts';

/** The SDK's signer asks for a hash class. */
class NodeSha256 implements Checksum {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | Uint8Array) {
    const key =
      typeof secret === 'string'
        ? secret
        : secret === undefined
          ? undefined
          : Buffer.from(secret as Uint8Array);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  reset(): void {
    throw new Error('not used by the signer');
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

test("our signature is the SDK's, for any key, query, body, credentials and time", async () => {
  // One signer for all: what it keeps between requests must never serve another day or another key pair.
  const signer = new S3Signer('eu-west-1');
  // A query named __proto__ gets lost in the SDK's own signer.
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((t) => t !== '__proto__');
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.dictionary(text, text, { maxKeys: 4 }),
      fc.record(
        {
          accessKeyId: fc.constantFrom('AKID', 'ASIA'),
          secretAccessKey: fc.constantFrom('secret', 'other/secret+'),
          sessionToken: fc.base64String({ minLength: 4 }),
        },
        { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
      ),
      fc.option(fc.uint8Array(), { nil: undefined }),
      fc.date({
        min: new Date('2025-12-05T00:00:00Z'),
        max: new Date('2025-12-08T00:00:00Z'),
        noInvalidDate: true,
      }),
      async (key, query, credentials, body, now) => {
        const method = body === undefined ? 'GET' : 'PUT';
        const payloadHash =
          body === undefined ? EMPTY_PAYLOAD_HASH : createHash('sha256').update(body).digest('hex');
        const headers: Record<string, string> =
          body === undefined ? {} : { 'if-none-match': '*', 'content-type': 'application/json' };
        const path = `/bucket/${encodeKey(key)}`;
        const sortedQuery = Object.keys(query)
          .map((name) => [encodeQuery(name), encodeQuery(query[name]!)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => `${name}=${value}`)
          .join('&');
        const ours = signer.sign(
          { method, host: 'localhost:9000', path, query: sortedQuery, payloadHash, headers },
          credentials,
          now,
        );
        const theirs = await new SignatureV4({
          service: 's3',
          region: 'eu-west-1',
          credentials,
          sha256: NodeSha256 as unknown as ChecksumConstructor & HashConstructor,
          uriEscapePath: false,
          applyChecksum: false,
        }).sign(
          {
            method,
            protocol: 'http:',
            hostname: 'localhost',
            port: 9000,
            path,
            query,
            headers: { ...headers, host: 'localhost:9000', 'x-amz-content-sha256': payloadHash },
          },
          { signingDate: now },
        );
        assert.equal(ours['authorization'], theirs.headers['authorization']);
      },
    ),
    { numRuns: 500 },
  );
});
