import { decodeStream } from '../decode/body.ts';
import type { EventSource } from '../event.ts';
import type { ObjectStore } from '../ports.ts';
import { textOf } from './chunk.ts';

/**
 * The text of one raw event as it stands in the raw store (a member of an array is written anew). Null when
 * the object is gone or ends before the event.
 * @throws SbwError RAW_OBJECT_*, RAW_STORE_*
 */
export async function findRawEvent(store: ObjectStore, source: EventSource): Promise<string | null> {
  for await (const page of store.list({ from: source.key, before: `${source.key}\0` })) {
    for (const object of page) {
      let index = 0;
      for await (const pieces of decodeStream(await store.read(object))) {
        const piece = pieces[source.index - index];
        if (piece !== undefined) return textOf(piece);
        index += pieces.length;
      }
    }
  }
  return null;
}
