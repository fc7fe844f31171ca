// Bundles src/lambda/*.ts, one zip each.
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { strToU8 } from 'fflate';
import { licencesOf } from './licences.mjs';
import { writeZip } from './zip.mjs';

const FUNCTIONS = ['ingest', 'etl'];

/** Packages that are not bundled as they are. */
const substitutes = {
  name: 'substitutes',
  setup({ onResolve }) {
    onResolve({ filter: /^@aws-sdk\/credential-providers$/ }, () => ({
      path: resolve('src/adapters/lambda/credential-providers.ts'),
    }));
    // Loading it does nothing by itself, so who uses none of it does without.
    onResolve({ filter: /^undici$/ }, () => ({
      path: resolve('node_modules/undici/index.js'),
      sideEffects: false,
    }));
  },
};

/** One CommonJS file: the runtime's own packages, the SDK among them, are found by `require` in any case. */
async function bundle(name) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`src/lambda/${name}.ts`],
    outfile: 'index.js',
    write: false,
    metafile: true,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    supported: { 'dynamic-import': false },
    external: ['@aws-sdk/*', 'pg-native'],
    plugins: [substitutes],
    // Names stay, so that a stack trace in a log can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return { code: outputFiles[0].contents, licences: licencesOf(metafile) };
}

/** Writes the zips; resolves to their part of the manifest: name -> file and SHA-256 in hex. */
export async function buildLambdas(folder) {
  const entries = FUNCTIONS.map(async (name) => {
    const { code, licences } = await bundle(name);
    const files = [
      ['index.js', code],
      ['LICENSES.txt', strToU8(licences)],
    ];
    return [name, await writeZip(folder, name, files)];
  });
  return Object.fromEntries(await Promise.all(entries));
}
