/**
 * The data channel's messages, written a second time from their description and not from src/tunnel: what the fakes
 * and the client both got wrong would otherwise go unseen.
 */
import { createHash, randomUUID } from 'node:crypto';

export interface WireMessage {
  readonly type: string;
  readonly sequence: bigint;
  readonly flags: bigint;
  readonly id: string;
  readonly payloadType: number;
  readonly payload: Buffer;
}

const HEADER = 120;

export function write(message: Omit<WireMessage, 'id'> & { readonly id?: string }): Buffer {
  const id = Buffer.from((message.id ?? randomUUID()).replaceAll('-', ''), 'hex');
  const head = Buffer.alloc(HEADER);
  head.writeUInt32BE(116, 0);
  head.write(message.type.padEnd(32, ' '), 4, 'ascii');
  head.writeUInt32BE(1, 36);
  head.writeBigUInt64BE(BigInt(Date.now()), 40);
  head.writeBigInt64BE(message.sequence, 48);
  head.writeBigUInt64BE(message.flags, 56);
  id.copy(head, 64, 8, 16);
  id.copy(head, 72, 0, 8);
  createHash('sha256').update(message.payload).digest().copy(head, 80);
  head.writeUInt32BE(message.payloadType, 112);
  head.writeUInt32BE(message.payload.length, 116);
  return Buffer.concat([head, message.payload]);
}

/** Strict: throws at whatever the official client would not have sent. */
export function read(frame: Buffer): WireMessage {
  const demand = (isRight: boolean, what: string): void => {
    if (!isRight) throw new Error(`client message: ${what}`);
  };
  demand(frame.length >= HEADER, `${frame.length} bytes`);
  demand(frame.readUInt32BE(0) === 116, 'HeaderLength');
  demand(frame.readUInt32BE(36) === 1, 'SchemaVersion');
  demand(frame.readUInt32BE(116) === frame.length - HEADER, 'PayloadLength');
  const payload = frame.subarray(HEADER);
  demand(createHash('sha256').update(payload).digest().equals(frame.subarray(80, 112)), 'PayloadDigest');
  const age = Date.now() - Number(frame.readBigUInt64BE(40));
  demand(Math.abs(age) < 600_000, `CreatedDate is ${age} ms off`);
  const type = frame.toString('ascii', 4, 36).trimEnd();
  demand(type === 'input_stream_data' || type === 'acknowledge', `MessageType ${type}`);
  demand(payload.length > 0, 'empty payload');
  const id = Buffer.concat([frame.subarray(72, 80), frame.subarray(64, 72)]).toString('hex');
  return {
    type,
    sequence: frame.readBigInt64BE(48),
    flags: frame.readBigUInt64BE(56),
    id: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    payloadType: frame.readUInt32BE(112),
    payload,
  };
}

export function acknowledge(of: Pick<WireMessage, 'type' | 'id' | 'sequence'>): Buffer {
  return write({
    type: 'acknowledge',
    sequence: 0n,
    flags: 3n,
    payloadType: 0,
    payload: Buffer.from(
      JSON.stringify({
        AcknowledgedMessageType: of.type,
        AcknowledgedMessageId: of.id,
        AcknowledgedMessageSequenceNumber: Number(of.sequence),
        IsSequentialMessage: true,
      }),
    ),
  });
}

/** Made by the service: wrong length, wrong digest, no date, as has been seen. */
export function serviceMessage(type: string, payload = ''): Buffer {
  const frame = write({ type, sequence: 0n, flags: 3n, payloadType: 261, payload: Buffer.from(payload) });
  frame.fill(0, 40, 48);
  frame.fill(0xee, 80, 112);
  frame.writeUInt32BE(0xffff, 116);
  return frame;
}
