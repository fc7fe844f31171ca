import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import { handleIngest, type IngestDeps, type IngestOutcome } from '../../../src/etl/ingest/handler.ts';
import type { IngestRequest, IngestResponse } from '../../../src/etl/ingest/request.ts';

const NOW = new Date('2025-12-06T05:11:12.345Z');
const UUID = '9c1e0000-0000-4000-8000-000000000001';

/** A real call of the handler; what it wrote, answered and told. */
async function post(
  request: IngestRequest,
  over: Partial<IngestDeps> = {},
): Promise<{
  response: IngestResponse;
  body: Record<string, unknown>;
  written: Map<string, string>;
  told: IngestOutcome[];
}> {
  const written = new Map<string, string>();
  const told: IngestOutcome[] = [];
  const response = await handleIngest(
    {
      store: { write: async (key, bytes) => void written.set(key, Buffer.from(bytes).toString()) },
      clock: { now: () => NOW },
      newId: () => UUID,
      allowedOrigins: ['https://shop.example'],
      observe: (outcome) => told.push(outcome),
      ...over,
    },
    request,
  );
  const body = response.body === '' ? {} : (JSON.parse(response.body) as Record<string, unknown>);
  return { response, body, written, told };
}

const json = (value: unknown, headers: Record<string, string> = {}): IngestRequest => ({
  rawPath: '/clickstream',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' ? value : JSON.stringify(value),
  requestContext: {
    requestId: 'req-1',
    apiId: 'api-1',
    stage: '$default',
    http: { method: 'POST', path: '/clickstream', sourceIp: '203.0.113.7', userAgent: 'UA' },
  },
});
const event = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  eventName: 'page_view',
  ...more,
});
async function refused(request: IngestRequest, status: number, code: string): Promise<void> {
  const { response, body, written, told } = await post(request);
  assert.equal(response.statusCode, status, response.body);
  assert.equal((body['error'] as { code: string }).code, code);
  assert.equal(written.size, 0);
  assert.equal(told[0]?.kind, 'refused');
}

describe('ingest', () => {
  it('writes one event under its hour of receipt, stamped', async () => {
    const { response, body, written } = await post(
      json(event({ eventId: 'a' }), { 'x-amzn-trace-id': 'Root=1' }),
    );
    assert.equal(response.statusCode, 200);
    assert.deepEqual(body, { accepted: 1, request_id: 'req-1' });
    const [[key, text] = ['', '']] = written;
    assert.equal(key, `events/2025/12/06/05/event-${UUID}.json`);
    assert.deepEqual(JSON.parse(text), {
      eventName: 'page_view',
      eventId: 'a',
      _ingest: {
        receivedAt: NOW.toISOString(),
        sourceIp: '203.0.113.7',
        userAgent: 'UA',
        method: 'POST',
        path: '/clickstream',
        requestId: 'req-1',
        apiId: 'api-1',
        stage: '$default',
        traceId: 'Root=1',
      },
    });
  });

  it('writes a batch as one NDJSON object, one event a line, pretty-printed or not', async () => {
    const { written, body } = await post(
      json(JSON.stringify([event({ eventId: '1' }), event({ eventId: '2' })], null, 2)),
    );
    const [[key, text] = ['', '']] = written;
    assert.equal(key, `events/2025/12/06/05/events-${UUID}.ndjson`);
    const ids = text.split('\n').map((line) => (JSON.parse(line) as { eventId: string }).eventId);
    assert.deepEqual(ids, ['1', '2']);
    assert.equal(body['accepted'], 2);
  });

  it('takes sendBeacon, Blobs, gzip said and unsaid, NDJSON', async () => {
    const text = JSON.stringify(event());
    const base64 = (bytes: Buffer | string): Partial<IngestRequest> => ({
      body: Buffer.from(bytes).toString('base64'),
      isBase64Encoded: true,
    });
    for (const request of [
      { ...json(text), headers: { 'Content-Type': 'text/plain;charset=UTF-8' } },
      { ...json(text), headers: {} },
      { ...json(text), ...base64(text) },
      { ...json(text, { 'content-encoding': 'gzip' }), ...base64(gzipSync(text)) },
      { ...json(text), headers: { 'content-type': 'text/plain' }, ...base64(gzipSync(text)) },
      { ...json(`${text}\n${text}\n`), headers: { 'content-type': 'application/x-ndjson' } },
      { ...json(text), rawPath: '/prod/clickstream', requestContext: { stage: 'prod' } },
    ]) {
      assert.equal((await post(request)).response.statusCode, 200, JSON.stringify(request.headers));
    }
  });

  it("keeps the client's text: big integers and long decimals digit for digit", async () => {
    const text = '{"eventName":"x","id":1487580006317032337,"p":0.12345678901234567890,"e":1E400}';
    const { written } = await post(json(text));
    assert.ok([...written.values()][0]!.startsWith(text.slice(0, -1)));
  });

  it('replaces an _ingest that the client made up, however it is written', async () => {
    for (const text of [
      '{"_ingest":{"receivedAt":"1999-01-01T00:00:00Z"},"eventName":"x","n":1487580006317032337}',
      '{"eventName":"x","\\u005fingest":{"receivedAt":"1999-01-01T00:00:00Z"},"n":1487580006317032337}',
      '{"eventName":"x","n":1487580006317032337,"_ingest":1,"_ingest":{"sourceIp":"spoofed"}}',
    ]) {
      const stored = [...(await post(json(text))).written.values()][0]!;
      assert.equal(stored.match(/ingest"/g)?.length, 1, stored);
      assert.equal(
        (JSON.parse(stored) as { _ingest: { receivedAt: string } })._ingest.receivedAt,
        NOW.toISOString(),
      );
      assert.ok(stored.includes('1487580006317032337'));
    }
  });

  it('refuses what is no event, with a code and nothing stored', async () => {
    await refused(json('{"eventName":'), 400, 'invalid_json');
    await refused(json('"hey"'), 400, 'not_an_object');
    await refused(json('null'), 400, 'not_an_object');
    await refused(json('{}'), 400, 'missing_event_name');
    await refused(json(event({ eventName: ' ' })), 400, 'missing_event_name');
    await refused(json('[]'), 400, 'empty_batch');
    await refused(json(''), 400, 'empty_body');
    await refused(
      { ...json(''), body: Buffer.from([0x7b, 0xff]).toString('base64'), isBase64Encoded: true },
      400,
      'invalid_utf8',
    );
    await refused(json(event(), { 'content-type': 'multipart/form-data' }), 415, 'unsupported_content_type');
    await refused(json(event(), { 'content-encoding': 'br' }), 415, 'unsupported_encoding');
    await refused({ ...json(event()), rawPath: '/other' }, 404, 'not_found');
    await refused(
      { ...json(event()), requestContext: { http: { method: 'GET' } } },
      405,
      'method_not_allowed',
    );
    const deep = `{"eventName":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    await refused(json(deep), 413, 'event_too_large');
    await refused(json(`{"eventName":"x","a":${'['.repeat(40)}${']'.repeat(40)}}`), 400, 'too_deep');
  });

  it('names every bad member of a batch and stores none of it', async () => {
    const { response, body, written } = await post(json([event(), {}, event(), 5]));
    assert.equal(response.statusCode, 400);
    const { events } = body['error'] as { events: { index: number; code: string }[] };
    assert.deepEqual(
      events.map(({ index, code }) => [index, code]),
      [
        [1, 'missing_event_name'],
        [3, 'not_an_object'],
      ],
    );
    assert.equal(written.size, 0);
  });

  it('holds the limits to the byte', async () => {
    const sized = (bytes: number): string => {
      const empty = JSON.stringify(event({ pad: '' }));
      return JSON.stringify(event({ pad: 'x'.repeat(bytes - empty.length) }));
    };
    assert.equal((await post(json(sized(32 * 1024)))).response.statusCode, 200);
    await refused(json(sized(32 * 1024 + 1)), 413, 'event_too_large');
    const many = (count: number): unknown => Array.from({ length: count }, () => event());
    assert.equal((await post(json(many(100)))).response.statusCode, 200);
    await refused(json(many(101)), 413, 'too_many_events');
    await refused(
      json(`[${Array.from({ length: 9 }, () => sized(32 * 1024)).join(',')}]`),
      413,
      'body_too_large',
    );
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 0x20));
    await refused(
      { ...json('', { 'content-encoding': 'gzip' }), body: bomb.toString('base64'), isBase64Encoded: true },
      413,
      'body_too_large',
    );
  });

  it('a store that fails answers 503 with Retry-After; nothing is called accepted', async () => {
    const store = { write: () => Promise.reject(new Error('disk full: /secret/path')) };
    const { response, told } = await post(json(event()), { store });
    assert.equal(response.statusCode, 503);
    assert.equal(response.headers['retry-after'], '5');
    assert.ok(!response.body.includes('secret'));
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['refused'],
    );
  });

  it('echoes configured origins only, and answers the preflight', async () => {
    const from = (origin: string): IngestRequest => json(event(), { origin });
    assert.equal(
      (await post(from('https://shop.example'))).response.headers['access-control-allow-origin'],
      'https://shop.example',
    );
    assert.equal(
      (await post(from('https://evil.example'))).response.headers['access-control-allow-origin'],
      undefined,
    );
    assert.equal((await post(from('https://evil.example'))).response.headers['vary'], 'Origin');
    const any = await post(from('https://evil.example'), { allowedOrigins: ['*'] });
    assert.equal(any.response.headers['access-control-allow-origin'], '*');
    assert.equal(any.response.headers['access-control-allow-credentials'], undefined);
    const preflight = await post({
      ...from('https://shop.example'),
      requestContext: { http: { method: 'OPTIONS' } },
    });
    assert.equal(preflight.response.statusCode, 204);
    assert.match(preflight.response.headers['access-control-allow-methods'] ?? '', /POST/);
  });
});
