import { encodeMessage, MESSAGE_TYPE } from './message.ts';
import { parseObject } from './json.ts';
import type { Message } from './message.ts';

/** SYN and FIN: how an acknowledgement is told from data. */
const ACKNOWLEDGE_FLAGS = 3;

/** Acknowledges one message. Always sequence 0, and itself never acknowledged. */
export function encodeAcknowledge(
  of: Pick<Message, 'type' | 'id' | 'sequence'>,
  id: string,
  createdAtMs: number,
): Buffer {
  // Written by hand: this is done for every message that arrives, and the order of keys is part of the format.
  const payload = `{"AcknowledgedMessageType":"${of.type}","AcknowledgedMessageId":"${of.id}","AcknowledgedMessageSequenceNumber":${of.sequence},"IsSequentialMessage":true}`;
  return encodeMessage({
    type: MESSAGE_TYPE.acknowledge,
    sequence: 0,
    flags: ACKNOWLEDGE_FLAGS,
    id,
    createdAtMs,
    payloadType: 0,
    payload: Buffer.from(payload, 'latin1'),
  });
}

/** The sequence number that is acknowledged: the payload's, the header's is always 0. Null when there is none. */
export function acknowledgedSequence(payload: Buffer): number | null {
  const sequence = parseObject(payload)?.['AcknowledgedMessageSequenceNumber'];
  return Number.isSafeInteger(sequence) ? (sequence as number) : null;
}
