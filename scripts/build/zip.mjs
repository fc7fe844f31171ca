// Zips for the assets bucket. Equal files give equal bytes: the hash of a zip is its name in AWS.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** Zip has no time before 1980, and a time of now would make each zip another. */
const NO_TIME = new Date(1980, 0, 1);
/** The system whose file modes the zip has. */
const UNIX = 3;
const REGULAR_FILE = 0o100644;
const PROGRAM = 0o100755;

/**
 * Writes `<name>.zip` into the folder; resolves to its entry in the manifest.
 * @param files [path in the zip, content, isProgram?], in any order
 */
export async function writeZip(folder, name, files) {
  const sorted = files.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const zip = zipSync(
    Object.fromEntries(
      sorted.map(([path, content, isProgram = false]) => {
        const mode = isProgram ? PROGRAM : REGULAR_FILE;
        return [path, [content, { level: 9, mtime: NO_TIME, os: UNIX, attrs: mode << 16 }]];
      }),
    ),
  );
  const file = `${name}.zip`;
  await writeFile(join(folder, file), zip);
  return { file, sha256: createHash('sha256').update(zip).digest('hex') };
}
