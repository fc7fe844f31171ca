import type { Pipeline } from '../../support/pipeline.ts';
import { readRecorded, REES46_FILES, writeRecorded } from '../../support/rees46.ts';

/** Puts all recorded days into a pipeline's raw store, each event below its hour, and loads them. */
export async function loadRecorded(pipeline: Pipeline): Promise<void> {
  for (const [index, file] of REES46_FILES.entries()) {
    writeRecorded(pipeline.root, `file${index}`, readRecorded(file));
  }
  await pipeline.load();
}
