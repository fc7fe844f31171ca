import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SbwError } from '../../errors.ts';
import type { AssetName, PackageFiles } from '../../stacks/ports/deploy/assets.ts';

type Manifest = Readonly<Record<string, { readonly file: string; readonly sha256: string } | undefined>>;

/** Files that lie beside the code: in an installed package below dist/, in a checkout as they were written. */
export function openPackageFiles(start = dirname(fileURLToPath(import.meta.url))): PackageFiles {
  const root = findRoot(start);
  const assets = join(root, 'dist', 'assets');
  let manifest: Promise<Manifest> | undefined;
  return {
    template: async (layer) => {
      const shipped = join(root, 'dist', 'templates', `${layer}.yaml`);
      const written = join(root, 'src', 'templates', `${layer}.yaml`);
      return readFile(existsSync(written) ? written : shipped, 'utf8');
    },
    asset: async (name) => {
      manifest ??= readManifest(join(assets, 'manifest.json'));
      const entry = (await manifest)[name];
      if (entry === undefined) throw missing(name);
      return readFile(join(assets, entry.file));
    },
  };
}

function findRoot(folder: string): string {
  const isTop = dirname(folder) === folder;
  return isTop || existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest;
  } catch {
    return {};
  }
}

function missing(name: AssetName): SbwError {
  return new SbwError('ASSET_MISSING', `This copy of sbw came without the file ${name}.`, {
    kind: 'environment',
    fix: 'in a checkout: npm run build   else install the package again',
  });
}
