import { hash } from 'node:crypto';
import { formatUuid, writeUuid } from './uuid.ts';

/** The binary message of the SSM data channel, one per WebSocket frame. All integers are big endian. */
export interface Message {
  readonly type: string;
  readonly sequence: number;
  readonly flags: number;
  /** Hyphenated. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  readonly payloadType: number;
  readonly payload: Buffer;
}

export const MESSAGE_TYPE = {
  input: 'input_stream_data',
  output: 'output_stream_data',
  acknowledge: 'acknowledge',
  closed: 'channel_closed',
  start: 'start_publication',
  pause: 'pause_publication',
} as const;

export const PAYLOAD_TYPE = {
  output: 1,
  error: 2,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  flag: 10,
} as const;

/** Payload of a flag message: one u32. */
export const FLAG = { disconnectToPort: 1, terminateSession: 2, connectToPortError: 3 } as const;

const AT = {
  headerLength: 0,
  type: 4,
  schemaVersion: 36,
  createdAt: 40,
  sequence: 48,
  flags: 56,
  id: 64,
  digest: 80,
  payloadType: 112,
  payloadLength: 116,
  payload: 120,
} as const;
const TYPE_BYTES = 32;
const DIGEST_BYTES = 32;
const SCHEMA_VERSION = 1;

/** Filled in by the service in ways that check nothing. */
const SERVICE_MADE: ReadonlySet<string> = new Set([
  MESSAGE_TYPE.start,
  MESSAGE_TYPE.pause,
  MESSAGE_TYPE.closed,
]);

export function encodeMessage(message: Message): Buffer {
  const { payload } = message;
  const frame = Buffer.allocUnsafe(AT.payload + payload.length);
  frame.writeUInt32BE(AT.payloadLength, AT.headerLength);
  frame.fill(0x20, AT.type, AT.type + TYPE_BYTES);
  frame.write(message.type, AT.type, TYPE_BYTES, 'latin1');
  frame.writeUInt32BE(SCHEMA_VERSION, AT.schemaVersion);
  writeUint64(frame, message.createdAtMs, AT.createdAt);
  writeUint64(frame, message.sequence, AT.sequence);
  writeUint64(frame, message.flags, AT.flags);
  writeUuid(frame, message.id, AT.id);
  hash('sha256', payload, 'buffer').copy(frame, AT.digest);
  frame.writeUInt32BE(message.payloadType, AT.payloadType);
  frame.writeUInt32BE(payload.length, AT.payloadLength);
  payload.copy(frame, AT.payload);
  return frame;
}

/**
 * Null for what is not one whole, true message: too short, lengths that lie, a digest that does not fit. Whoever sent
 * it sends it again, because nobody acknowledges it. The payload is a view of the frame.
 */
export function decodeMessage(frame: Buffer): Message | null {
  if (frame.length < AT.payload) return null;
  const headerLength = frame.readUInt32BE(AT.headerLength);
  const type = textOf(frame.subarray(AT.type, AT.type + TYPE_BYTES));
  if (type === '') return null;
  if (!SERVICE_MADE.has(type)) return decodeChecked(frame, type, headerLength);
  const start = Math.max(AT.payload, headerLength + 4);
  return messageOf(frame, type, frame.subarray(start), 0);
}

function decodeChecked(frame: Buffer, type: string, headerLength: number): Message | null {
  if (headerLength < AT.payloadLength || headerLength + 4 > frame.length) return null;
  if (readUint64(frame, AT.createdAt) === 0) return null;
  const sequence = readUint64(frame, AT.sequence);
  if (sequence === null) return null;
  const payload = frame.subarray(headerLength + 4);
  if (frame.readUInt32BE(AT.payloadLength) !== payload.length) return null;
  const digest = frame.subarray(AT.digest, AT.digest + DIGEST_BYTES);
  if (payload.length > 0 && !hash('sha256', payload, 'buffer').equals(digest)) return null;
  return messageOf(frame, type, payload, sequence);
}

function messageOf(frame: Buffer, type: string, payload: Buffer, sequence: number): Message {
  return {
    type,
    sequence,
    flags: readUint64(frame, AT.flags) ?? 0,
    id: formatUuid(frame, AT.id),
    createdAtMs: readUint64(frame, AT.createdAt) ?? 0,
    payloadType: frame.readUInt32BE(AT.payloadType),
    payload,
  };
}

function textOf(field: Buffer): string {
  return field.toString('latin1').replace(/\0+$/, '').replace(/ +$/, '');
}

function writeUint64(frame: Buffer, value: number, at: number): void {
  frame.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  frame.writeUInt32BE(value % 2 ** 32, at + 4);
}

/** Null beyond 2^53: nobody counts that far, so it is a lie. */
function readUint64(frame: Buffer, at: number): number | null {
  const value = frame.readUInt32BE(at) * 2 ** 32 + frame.readUInt32BE(at + 4);
  return Number.isSafeInteger(value) ? value : null;
}
