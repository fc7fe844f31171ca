import { strToU8, unzipSync, zipSync } from 'fflate';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUILD =
  "import { buildHostAssets } from './scripts/build/host-assets.mjs'; await buildHostAssets(process.argv[1]);";

/** provision.zip, as the package ships it. */
export function provisionZip(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-assets-'));
  try {
    execFileSync(process.execPath, ['--input-type=module', '--eval', BUILD, folder]);
    return readFileSync(join(folder, 'provision.zip'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same with other or more files, as a later version would ship it. */
export function changedZip(files: Readonly<Record<string, string>>): Uint8Array {
  const texts = Object.entries(files).map(([name, content]) => [name, strToU8(content)]);
  return zipSync({ ...unzipSync(provisionZip()), ...Object.fromEntries(texts) });
}
