import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A file or folder of the real input beside the checkout; a test without it must fail, not pass by skipping. */
export function sharedData(path: string): string {
  const found = resolve('../shared/data', path);
  assert.ok(
    existsSync(found),
    `the real input ${found} is missing: ../shared must stand beside this checkout`,
  );
  return found;
}
