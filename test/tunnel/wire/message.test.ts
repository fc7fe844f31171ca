import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { acknowledgedSequence, encodeAcknowledge } from '../../../src/tunnel/wire/acknowledge.ts';
import { decodeMessage, encodeMessage } from '../../../src/tunnel/wire/message.ts';
import type { Message } from '../../../src/tunnel/wire/message.ts';

// Made with the serializer of the official client.
const UUID = '00112233-4455-4677-8899-aabbccddeeff';
const CREATED_AT_MS = 1_700_000_000_123;
const HELLO: Message = {
  type: 'input_stream_data',
  sequence: 7,
  flags: 0,
  id: UUID,
  createdAtMs: CREATED_AT_MS,
  payloadType: 1,
  payload: Buffer.from('hello'),
};
const HELLO_HEX =
  '00000074696e7075745f73747265616d5f64617461202020202020202020202020202020000000010000018bcfe5687b' +
  '000000000000000700000000000000008899aabbccddeeff00112233445546772cf24dba5fb0a30e26e83b2ac5b9e29e' +
  '1b161e5c1fa7425e73043362938b9824000000010000000568656c6c6f';
const ACKNOWLEDGE_HEADER_HEX =
  '0000007461636b6e6f776c65646765202020202020202020202020202020202020202020000000010000018bcfe5687b' +
  '000000000000000000000000000000038899aabbccddeeff001122334455467733a12833fe3085f8ae7a02be15b90bf5' +
  '99665fb98aed7174bca05e5f0995546100000000000000b0';
const ACKNOWLEDGE_PAYLOAD =
  '{"AcknowledgedMessageType":"output_stream_data","AcknowledgedMessageId":"00112233-4455-4677-8899-aabbccddeeff","AcknowledgedMessageSequenceNumber":7,"IsSequentialMessage":true}';

/** A true message with bytes written over it. */
function spoil(frame: Buffer, at: number, hex: string): Buffer {
  const copy = Buffer.from(frame);
  copy.write(hex, at, 'hex');
  return copy;
}

test('data is encoded as the official client does', () => {
  assert.equal(encodeMessage(HELLO).toString('hex'), HELLO_HEX);
});

test('an acknowledgement is encoded as the official client does', () => {
  const frame = encodeAcknowledge({ type: 'output_stream_data', id: UUID, sequence: 7 }, UUID, CREATED_AT_MS);
  assert.equal(frame.subarray(0, 120).toString('hex'), ACKNOWLEDGE_HEADER_HEX);
  assert.equal(frame.subarray(120).toString(), ACKNOWLEDGE_PAYLOAD);
  assert.equal(acknowledgedSequence(decodeMessage(frame)!.payload), 7);
});

test('what is encoded is decoded', () => {
  const fields = {
    type: fc.constantFrom('input_stream_data', 'output_stream_data', 'acknowledge', 'x'),
    sequence: fc.maxSafeNat(),
    flags: fc.nat(3),
    id: fc.uuid(),
    createdAtMs: fc.integer({ min: 1, max: 2 ** 48 }),
    payloadType: fc.nat(300),
    payload: fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  };
  const message = fc.record(fields, { noNullPrototype: true });
  fc.assert(fc.property(message, (one) => assert.deepEqual(decodeMessage(encodeMessage(one)), one)));
});

test('a single line feed stays a line feed', () => {
  const payload = Buffer.from('\n');
  assert.deepEqual(decodeMessage(encodeMessage({ ...HELLO, payload }))?.payload, payload);
});

test('messages that lie are no messages', () => {
  const frame = encodeMessage(HELLO);
  const lies: Record<string, Buffer> = {
    'header length 0': spoil(frame, 0, '00000000'),
    'header too short': spoil(frame, 0, '00000010'),
    'header longer than the frame': spoil(frame, 0, '0000007b'),
    'header length near 2^32': spoil(frame, 0, 'ffffffff'),
    'no type': spoil(frame, 4, '20'.repeat(32)),
    'type of zeros': spoil(frame, 4, '00'.repeat(32)),
    'no date': spoil(frame, 40, '0000000000000000'),
    'negative sequence number': spoil(frame, 48, 'ffffffffffffffff'),
    'wrong digest': spoil(frame, 80, '00'),
    'payload longer than told': Buffer.concat([frame, Buffer.from('!')]),
    'payload shorter than told': frame.subarray(0, -1),
    'no payload, but a length': frame.subarray(0, 120),
    'one byte less than a header': frame.subarray(0, 119),
    empty: Buffer.alloc(0),
  };
  for (const [name, lie] of Object.entries(lies)) assert.equal(decodeMessage(lie), null, name);
});

test('a longer header moves the payload, not the fields', () => {
  const frame = Buffer.concat([encodeMessage(HELLO).subarray(0, 120), Buffer.from('more'), HELLO.payload]);
  assert.deepEqual(decodeMessage(spoil(frame, 0, '00000078')), HELLO);
});

test('what the service makes is taken as it is: lengths and digests there check nothing', () => {
  for (const type of ['start_publication', 'pause_publication', 'channel_closed']) {
    const frame = encodeMessage({ ...HELLO, type, payload: Buffer.from('{"Output":"x"}') });
    const spoiled = spoil(spoil(spoil(frame, 116, 'ffffffff'), 80, '0000'), 40, '00'.repeat(8));
    assert.equal(decodeMessage(spoiled)?.type, type);
    assert.equal(decodeMessage(spoiled)?.payload.toString(), '{"Output":"x"}');
    assert.equal(decodeMessage(spoil(frame, 0, 'ffffffff'))?.payload.length, 0);
  }
});

test('no bytes make the decoder throw, and none pass that are not what was sent', () => {
  const frame = encodeMessage(HELLO);
  const damage = fc.record({ at: fc.nat(frame.length - 1), byte: fc.nat(255), cut: fc.nat(frame.length) });
  fc.assert(
    fc.property(damage, ({ at, byte, cut }) => {
      const copy = Buffer.from(frame);
      copy[at] = byte;
      const decoded = decodeMessage(copy.subarray(0, cut === 0 ? copy.length : cut));
      if (decoded !== null) assert.equal(hash('sha256', decoded.payload), hash('sha256', HELLO.payload));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      decodeMessage(Buffer.from(bytes));
    }),
    { numRuns: 3000 },
  );
});

test('an acknowledgement without a number acknowledges nothing', () => {
  for (const payload of ['', '{}', '[7]', 'null', '{"AcknowledgedMessageSequenceNumber":"7"}', '{"Acknow']) {
    assert.equal(acknowledgedSequence(Buffer.from(payload)), null, payload);
  }
});
