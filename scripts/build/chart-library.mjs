// Bundles what the dashboard's charts use of Observable Plot into one module for the browser: docs/decisions/0010.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

/** Package -> what browser/charts imports of it; a test says when the two differ. */
const USED = {
  '@observablehq/plot': [
    'areaY',
    'axisX',
    'axisY',
    'barY',
    'cell',
    'dot',
    'gridY',
    'line',
    'plot',
    'ruleX',
    'ruleY',
  ],
  'd3-array': ['tickStep'],
};

const FOLDER = 'src/instance/dashboard/browser/library';

/** Writes plot.js and the licences of what is in it. Equal packages give equal bytes. */
export async function buildChartLibrary() {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: Object.entries(USED)
        .map(([name, members]) => `export { ${members.join(', ')} } from '${name}';`)
        .join('\n'),
      resolveDir: '.',
    },
    outfile: 'plot.js',
    write: false,
    metafile: true,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    banner: { js: '/* Observable Plot and what it needs. Licences: LICENSES.txt beside this file. */' },
    logLevel: 'warning',
  });
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, 'plot.js'), outputFiles[0].contents);
  await writeFile(join(FOLDER, 'LICENSES.txt'), licencesOf(metafile));
}
