import type { Pipeline } from '../../support/pipeline.ts';
import { put } from '../../support/raw-shop.ts';
import { readRecorded, REES46_FILES } from '../../support/rees46.ts';

/** Puts all recorded days into a pipeline's raw store, each event below its hour, and loads them. */
export async function loadRecorded(pipeline: Pipeline): Promise<void> {
  for (const [index, file] of REES46_FILES.entries()) {
    const hours = new Map<string, string[]>();
    for (const { hour, text } of readRecorded(file)) {
      const same = hours.get(hour);
      if (same === undefined) hours.set(hour, [text]);
      else same.push(text);
    }
    for (const [hour, texts] of hours) {
      const folder = `events/${hour.replaceAll('-', '/').replace('T', '/')}`;
      put(pipeline.root, `${folder}/events-file${index}.ndjson`, texts.join('\n'));
    }
  }
  await pipeline.load();
}
