import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Writes a raw object below a directory; a value as JSON, text and bytes as they are. */
export function put(root: string, key: string, content: unknown): void {
  const file = join(root, key);
  mkdirSync(dirname(file), { recursive: true });
  const isRaw = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(file, isRaw ? content : JSON.stringify(content));
}

/** An event as the door stores it. */
export function received(at: string, event: Record<string, unknown>): Record<string, unknown> {
  return { eventName: 'page_view', ...event, _ingest: { receivedAt: at, requestId: `req-${at}` } };
}

/**
 * A raw store with everything that makes loading hard: several hours, both layouts, single events, NDJSON and
 * gzip, retries within and across hours, conflicts, bad events, a broken gzip. Always the same.
 */
export function fillRawStore(root: string, eventsPerHour: number): { hours: number; unreadable: number } {
  const hours = 6;
  for (let hour = 0; hour < hours; hour += 1) {
    const hh = String(hour).padStart(2, '0');
    const prefix = `events/2025/12/06/${hh}`;
    const at = (index: number): string =>
      `2025-12-06T${hh}:00:${String(index % 60).padStart(2, '0')}.${String(index % 1000).padStart(3, '0')}Z`;
    const lines: string[] = [];
    for (let index = 0; index < eventsPerHour; index += 1) {
      const id = index % 50 === 7 ? {} : { eventId: `e-${hour}-${index}` };
      const price = index % 97 === 3 ? '19,99' : index / 100;
      lines.push(
        JSON.stringify(
          received(at(index), { ...id, userId: `u-${index % 11}`, product: { id: `p-${index}`, price } }),
        ),
      );
      if (index % 40 === 5)
        lines.push(
          JSON.stringify(
            received(at(index + 1), {
              ...id,
              userId: `u-${index % 11}`,
              product: { id: `p-${index}`, price },
            }),
          ),
        );
    }
    // Shared by all hours: the first receipt is the row, equal ones are duplicates, others conflicts.
    for (let shared = 0; shared < 20; shared += 1) {
      const content = shared % 2 === 0 ? {} : { userId: `from-hour-${hour}` };
      lines.push(JSON.stringify(received(at(shared), { eventId: `shared-${shared}`, ...content })));
    }
    lines.push('{"cut off": ');
    const half = Math.floor(lines.length / 2);
    put(root, `${prefix}/events-a.ndjson`, lines.slice(0, half).join('\n'));
    put(root, `${prefix}/events-b.ndjson.gz`, gzipSync(lines.slice(half).join('\n')));
    for (let single = 0; single < 30; single += 1) {
      put(
        root,
        `${prefix}/event-${single}.json`,
        received(at(single), { eventId: `s-${hour}-${single}`, eventName: 'click' }),
      );
    }
  }
  put(root, 'events/2025/12/06/event-flat.json', received('2025-12-06T03:30:00.000Z', { eventId: 'flat' }));
  put(
    root,
    'events/2025/12/06/02/event-broken.json.gz',
    gzipSync('{"eventName":"never read"}').subarray(0, 20),
  );
  return { hours, unreadable: 1 };
}

/** The whole state that must not depend on how it came about, as text: rows, quarantine and the ledger's fingerprints. */
export const STATE_SQL = {
  rows: `SELECT md5(string_agg(t::text, E'\\n' ORDER BY event_id)) AS digest, count(*) AS count
           FROM (SELECT (to_jsonb(e) - 'loaded_run')::text AS t, event_id FROM public.clickstream_events e) AS s`,
  quarantine: `SELECT md5(string_agg(concat_ws('|', quarantine_id, state, reason, field, source_key, source_index, raw_text), E'\\n'
                  ORDER BY quarantine_id)) AS digest, count(*) AS count FROM sbw.quarantine`,
  ledger: `SELECT md5(string_agg(concat_ws('|', partition_start, state, fingerprint, objects_listed, objects_loaded), E'\\n'
                  ORDER BY partition_start)) AS digest, count(*) AS count FROM sbw.ledger`,
} as const;
