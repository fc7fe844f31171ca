// Bundles the CLI: one entry, split so that `sbw --help` loads no ETL, no SDK and no pg.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

/**
 * The SDK describes the shapes of all its calls in arrays, with constants as the keys of objects in them. esbuild keeps
 * an array with such a key in it, since evaluating the key might do something; with the constant's value in its place
 * it drops those that nobody uses, which are nine in ten.
 */
const smallSdk = {
  name: 'small-sdk',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const contents = text.replace(/\[(\w+)\]:/g, (key, name) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      );
      return { contents, loader: 'js' };
    });
  },
};

/** All packages are bundled but those that npm installs beside ours. */
function installedPackages() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** Writes main.js, chunks/ and the licences of what is in them. */
export async function buildProgram(folder) {
  const { metafile } = await build({
    entryPoints: { main: 'src/main.ts' },
    outdir: folder,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.17',
    external: installedPackages().flatMap((name) => [name, `${name}/*`]),
    // Unused parts can be left out of ES modules only, and by default esbuild takes a package's CommonJS.
    mainFields: ['module', 'main'],
    plugins: [smallSdk],
    // What this version of the SDK runs on is ours to know, not the operator's.
    define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
    chunkNames: 'chunks/[name]-[hash]',
    // Names stay, so that a stack trace can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'LICENSES.txt'), licencesOf(metafile));
}
