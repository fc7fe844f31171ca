import { createHash } from 'node:crypto';
import type { EventSource } from '../event.ts';

/** Our namespace for UUIDv5: the UUIDv5 of the DNS name `sbw.events` would do as well; never change it. */
const NAMESPACE = Buffer.from('8f7c1f3e5a2b4c6d9e0f1a2b3c4d5e6f', 'hex');

/**
 * The id of an event whose client sent none: UUIDv5 (RFC 9562) of `<key>#<index>`. The same object gives the
 * same ids however often it is read, from whichever copy of the raw store.
 */
export function identityOf({ key, index }: EventSource): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${key}#${index}`).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
