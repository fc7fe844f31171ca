// The licences of packages whose code is in a bundle, as those licences ask for.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each text once, below the packages that it is for.
 * @param metafile esbuild's
 */
export function licencesOf({ outputs }) {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const folders = used.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const packagesOf = new Map();
  for (const folder of [...new Set(folders.filter(Boolean))].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = textIn(folder);
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packagesOf].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`).join('\n----\n\n');
}

function textIn(folder) {
  const files = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
}
