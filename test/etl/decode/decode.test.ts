import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeStream, decodeWhole } from '../../../src/etl/decode/body.ts';
import { decodeBytes } from '../../../src/etl/decode/decode.ts';
import { ValueScanner } from '../../../src/etl/decode/scan.ts';
import type { Decoded } from '../../../src/etl/event.ts';

/** Each piece as its event's number, or the reason why it is none. */
const told = (decoded: readonly Decoded[] | null): unknown[] | undefined =>
  decoded?.map((piece) => (piece.kind === 'event' ? piece.event['n'] : piece.rejection.reason));
const of = (text: string | Uint8Array): unknown[] | undefined =>
  told(decodeBytes(Buffer.from(text as string)));

async function streamed(bytes: Uint8Array, chunkBytes: number): Promise<Decoded[]> {
  const chunks = async function* (): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const decoded: Decoded[] = [];
  for await (const pieces of decodeStream(chunks())) decoded.push(...pieces);
  return decoded;
}

test('every shape of an object', () => {
  const cases: [string | Uint8Array, unknown[]][] = [
    ['{"n":1}', [1]],
    ['  {\n  "n": 1\n}\n', [1]],
    ['[{"n":1},{"n":2}]', [1, 2]],
    ['[\n {"n":1},\n {"n":2}\n]', [1, 2]],
    ['[]', []],
    ['', []],
    [' \n\r\n ', []],
    ['{"n":1}\n{"n":2}', [1, 2]],
    ['{"n":1}\r\n\r\n{"n":2}\r\n', [1, 2]],
    ['[{"n":1}]\n[{"n":2},{"n":3}]', [1, 2, 3]],
    ['\ufeff{"n":1}', [1]],
    ['{"n":1}{"n":2}', [1, 2]],
    ['{"n":1},\n{"n":2}', [1, 2]],
    ['{"n":1}\nnot json\n{"n":2}', [1, 'invalid_json', 2]],
    ['{"n":1}\n{"n":2', [1, 'invalid_json']],
    ['[{"n":1},{"n":2},{"n":', [1, 2, 'invalid_json']],
    ['[{"n":1},5,null,[{"n":2}]]', [1, 'not_an_object', 'not_an_object', 'not_an_object']],
    ['5', ['not_an_object']],
    ['"hey"', ['not_an_object']],
    ['{"n":', ['invalid_json']],
    ['{\n "n": 1,\n "x":', ['invalid_json']],
    [Buffer.from([0x7b, 0xff]), ['invalid_utf8']],
    [
      Buffer.concat([Buffer.from('{"n":1}\n{"x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n{"n":2}')]),
      [1, 'invalid_utf8', 2],
    ],
  ];
  for (const [text, expected] of cases)
    assert.deepEqual(of(text), expected, Buffer.from(text as string).toString());
});

test('a rejected piece keeps its text', () => {
  const [piece] = decodeBytes(Buffer.from('{"n":'));
  assert.equal(piece?.text, '{"n":');
});

test('gzip: plain, in several members, broken', async () => {
  const lines = '{"n":1}\n{"n":2}';
  assert.deepEqual(told(decodeWhole(gzipSync(lines))), [1, 2]);
  assert.deepEqual(told(decodeWhole(Buffer.concat([gzipSync('{"n":1}\n'), gzipSync('{"n":2}')]))), [1, 2]);
  const broken = gzipSync(lines).subarray(0, 20);
  assert.throws(() => decodeWhole(broken), { code: 'RAW_OBJECT_GZIP_BROKEN' });
  await assert.rejects(streamed(broken, 5), { code: 'RAW_OBJECT_GZIP_BROKEN' });
});

test('a small object that unfolds to much is streamed, whatever it says of its size', async () => {
  const much = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x78));
  assert.equal(decodeWhole(much), null);
  assert.deepEqual(told(await streamed(much, 1024)), ['event_too_large']);
  const lie = Buffer.from(much);
  lie.writeUInt32LE(10, lie.length - 4);
  assert.equal(decodeWhole(lie), null);
});

test('a stream gives the same as the whole, wherever it is cut', async () => {
  const line = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify({ n: 1, value })),
    fc.constant('{"cut":'),
    fc.constant(''),
    fc.constant('{"s":"é漢🙂\\"[]{}"}'),
  );
  const shapes = fc.oneof(
    fc.array(line, { minLength: 2 }).map((lines) => ['{"n":0}', ...lines].join('\n')),
    fc
      .array(fc.jsonValue(), { minLength: 1 })
      .map((values) => JSON.stringify(values.map((value) => ({ n: 1, value })))),
  );
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (text, chunkBytes, isGzip) => {
        const bytes = isGzip ? gzipSync(text) : Buffer.from(text);
        const whole = decodeWhole(bytes);
        assert.deepEqual(told(await streamed(bytes, chunkBytes)), told(whole));
      },
    ),
    { numRuns: 200 },
  );
});

test('an endless line is one rejection, and its neighbours are read', async () => {
  const text = `{"n":1}\n{"x":"${'x'.repeat(5 * 1024 * 1024)}"}\n{"n":2}`;
  assert.deepEqual(told(await streamed(Buffer.from(text), 64 * 1024)), [1, 'event_too_large', 2]);
});

test('the scanner cuts values as they were joined', () => {
  const values = fc.array(
    fc.oneof(fc.object(), fc.array(fc.jsonValue())).map((value) => JSON.stringify(value)),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (texts, size) => {
      const joined = `[${texts.join(', ')}]`;
      const scanner = new ValueScanner();
      const cut: string[] = [];
      for (let at = 0; at < joined.length; at += size) cut.push(...scanner.push(joined.slice(at, at + size)));
      assert.deepEqual(cut, texts);
      assert.equal(scanner.rest(), '');
    }),
    { numRuns: 300 },
  );
});
