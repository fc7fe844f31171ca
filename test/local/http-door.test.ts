import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { handleIngest } from '../../src/etl/ingest/handler.ts';
import { startHttpDoor, type HttpDoor } from '../../src/local/door/http-door.ts';
import { tailEvents } from '../../src/local/door/tail.ts';
import { Watch, type WatchedEvent } from '../../src/local/door/watch.ts';
import { startPipeline, systemClock, type Pipeline } from '../support/pipeline.ts';
import { sharedData } from '../support/shared-data.ts';

let pipeline: Pipeline;
let door: HttpDoor;
const watch = new Watch();

before(async () => {
  pipeline = await startPipeline();
  const { store } = pipeline;
  const observe = (outcome: Parameters<Watch['record']>[0]): void => watch.record(outcome, new Date());
  const deps = { store, clock: systemClock, newId: randomUUID, allowedOrigins: [], observe };
  door = await startHttpDoor({
    host: '127.0.0.1',
    port: 0,
    handle: (event) => handleIngest(deps, event),
    watch,
  });
});
after(async () => {
  await door.close();
  await pipeline.close();
});

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> => fetch(`${door.url}/clickstream`, { method: 'POST', body, headers });

/** A body that fetch would not send as it is. */
function postBytes(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(`${door.url}/clickstream`, { method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject).end(body);
  });
}

describe('hostile input through HTTP to quarantine or row', () => {
  const statuses = new Map<string, number>();
  let accepted = 0;

  it('JSONTestSuite: what must be refused is, what must parse is stored, and the door stays up', async () => {
    const folder = sharedData('hostile/JSONTestSuite/test_parsing');
    const files = readdirSync(folder);
    assert.equal(files.length, 318);
    for (const file of files) {
      const body = readFileSync(join(folder, file));
      const bare = await postBytes(body);
      statuses.set(file, bare);
      if (bare === 200) accepted += 1;
      assert.ok([200, 400, 413].includes(bare), `${file}: ${bare}`);
      if (file.startsWith('n_')) assert.ok(bare === 400 || (bare === 413 && body.length > 32 * 1024), file);

      const wrapped = await postBytes(
        Buffer.concat([Buffer.from('{"eventName":"suite","value":'), body, Buffer.from('}')]),
      );
      if (wrapped === 200) accepted += 1;
      assert.ok([200, 400, 413].includes(wrapped), `${file} wrapped: ${wrapped}`);
      if (file.startsWith('y_')) assert.equal(wrapped, 200, `${file} wrapped`);
    }
  });

  it('naughty strings come through as they are, or are refused with a code', async () => {
    const strings = JSON.parse(readFileSync(sharedData('hostile/blns/blns.json'), 'utf8')) as string[];
    assert.ok(strings.length > 500);
    for (const [index, naughty] of strings.entries()) {
      const response = await post(
        JSON.stringify({
          eventId: `blns-${index}`,
          eventName: naughty,
          userId: naughty,
          product: { id: naughty, name: naughty, urlPath: naughty },
        }),
      );
      if (response.status === 200) accepted += 1;
      else {
        assert.equal(response.status, 400);
        assert.equal(naughty.trim(), '', 'only a name that is blank is refused');
      }
    }
  });

  it("other trackers' recorded requests never break it", async () => {
    const lines = readFileSync(
      sharedData('hostile/trackers/posthog_hog-rs_MIT/requests_dump.jsonl'),
      'utf8',
    ).split('\n');
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const recorded = JSON.parse(line) as { body: string; headers?: Record<string, string> };
      const type = recorded.headers?.['content-type'] ?? recorded.headers?.['Content-Type'];
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      const response = await post(new Uint8Array(Buffer.from(recorded.body, 'base64')), headers);
      assert.ok([200, 400, 413, 415].includes(response.status), String(response.status));
      if (response.status === 200) accepted += ((await response.json()) as { accepted: number }).accepted;
    }
    const page = JSON.parse(
      readFileSync(sharedData('hostile/trackers/jitsu_MIT/page.json'), 'utf8'),
    ) as object;
    assert.equal((await post(JSON.stringify(page))).status, 400, 'a Segment page event has no eventName');
    assert.equal((await post(JSON.stringify({ ...page, eventName: 'page_view' }))).status, 200);
    accepted += 1;
  });

  it('every accepted event is a row or in quarantine, and strings are unchanged', async () => {
    const report = await pipeline.load();
    const { read, loaded, duplicates, quarantined, filtered } = report.accounting.events;
    assert.ok(report.balanced);
    assert.equal(read, accepted);
    assert.equal(read, loaded + duplicates + quarantined + filtered);
    assert.deepEqual(report.partitions.failed, []);
    const strings = JSON.parse(readFileSync(sharedData('hostile/blns/blns.json'), 'utf8')) as string[];
    const rows = await pipeline.rows<{
      event_id: string;
      event_name: string;
      context_product_name: string | null;
    }>(
      `SELECT event_id, event_name, context_product_name FROM clickstream_events WHERE event_id LIKE 'blns-%'`,
    );
    assert.ok(rows.length > 450, `${rows.length} rows`);
    for (const row of rows) {
      const sent = strings[Number(row.event_id.slice(5))]!;
      assert.equal(row.event_name, sent);
      assert.equal(row.context_product_name, sent);
    }
    const [{ ids } = { ids: '0' }] = await pipeline.rows<{ ids: string }>(
      `SELECT count(DISTINCT i) AS ids FROM (SELECT event_id AS i FROM clickstream_events WHERE event_id LIKE 'blns-%'
         UNION ALL SELECT event_id FROM sbw.quarantine WHERE event_id LIKE 'blns-%') AS t`,
    );
    assert.equal(Number(ids), strings.filter((text) => text.trim() !== '').length);
  });
});

describe('the local door', () => {
  it('counts good and bad, shows them, and forgets on demand', async () => {
    await fetch(`${door.url}/sbw/reset`, { method: 'POST' });
    await post('{"eventName":"page_view","eventId":"w-1"}');
    await post('{"eventName":"page_view","isFirstVisit":"maybe"}');
    await post('not json');
    const get = async (what: string): Promise<unknown> => (await fetch(`${door.url}/sbw/${what}`)).json();
    assert.deepEqual(await get('all'), { total: 3, good: 1, bad: 2 });
    const bad = (await get('bad')) as WatchedEvent[];
    assert.deepEqual(
      bad.map(({ code }) => code),
      ['not_boolean', 'invalid_json'],
    );
    assert.equal(((await get('good')) as WatchedEvent[])[0]?.event_id, 'w-1');
    await fetch(`${door.url}/sbw/reset`, { method: 'POST' });
    assert.deepEqual(await get('all'), { total: 0, good: 0, bad: 0 });
  });

  it('tails events as they come', async () => {
    const stop = new AbortController();
    const seen: WatchedEvent[] = [];
    const tail = (async () => {
      const deps = { clock: systemClock, stop: stop.signal, onGap: () => undefined };
      for await (const event of tailEvents(door.url, deps)) {
        seen.push(event);
        if (seen.length === 2) return;
      }
    })();
    while (seen.length === 0) {
      await post('{"eventName":"click","eventId":"t-1"}');
      await systemClock.sleep(20);
    }
    await post('{}');
    await tail;
    stop.abort();
    assert.equal(seen[0]?.event_name, 'click');
  });

  it('answers /sbw/ only to names of this machine', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { host: 'rebound.example' };
      request(`${door.url}/sbw/all`, { headers }, (response) => resolve(response.resume().statusCode ?? 0))
        .once('error', reject)
        .end();
    });
    assert.equal(status, 403);
  });

  it('reads no more than it may: an endless body is refused', async () => {
    const port = new URL(door.url).port;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.once('close', () => resolve(text)).once('error', () => resolve(text));
      socket.once('timeout', reject);
      socket.write('POST /clickstream HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999999999\r\n\r\n');
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const feed = (): void => void (socket.writable && socket.write(chunk, () => setImmediate(feed)));
      feed();
    });
    assert.match(answer, /^HTTP\/1\.1 413/);
  });

  it('a taken port is named, and a closed door frees it', async () => {
    const options = {
      host: '127.0.0.1',
      port: door.port,
      handle: () => Promise.reject(new Error('unused')),
      watch,
    };
    await assert.rejects(startHttpDoor(options), { code: 'PORT_TAKEN', kind: 'refused' });
    const other = await startHttpDoor({ ...options, port: 0 });
    await other.close();
    const again = await startHttpDoor({ ...options, port: other.port });
    await again.close();
  });
});
