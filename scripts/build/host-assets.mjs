// Zips what servers run: their provisioning, and the script that makes the package bundle for them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { writeZip } from './zip.mjs';

/** Zip -> folder in it -> folder here. */
const CONTENTS = {
  provision: {
    '': 'src/instance/provision',
    dashboard: 'src/instance/dashboard',
    // The server makes its own tables: docs/decisions/0006.
    sql: 'src/etl/store/sql',
  },
  'bundle-source': { '': 'src/instance/bundle' },
};

/** Tests, and what editors, R and Python leave behind. */
const LEFT_OUT = /(^|[\\/])(\.|__pycache__[\\/]|tests[\\/])/;

/** Writes the zips; resolves to their part of the manifest. */
export async function buildHostAssets(folder) {
  const entries = Object.entries(CONTENTS).map(async ([name, folders]) => {
    const files = Object.entries(folders).flatMap(([into, from]) => filesOf(from, into));
    return [name, await writeZip(folder, name, files)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function filesOf(from, into) {
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !LEFT_OUT.test(relative(from, path)));
  if (files.length === 0) throw new Error(`${from} is empty`);
  return files.map((path) => {
    const inZip = posix.join(into, relative(from, path).split(sep).join('/'));
    // A checkout keeps no more of a file's mode than this.
    return [inZip, readFileSync(path), (statSync(path).mode & 0o100) !== 0];
  });
}
