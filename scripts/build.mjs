// `npm run build`: everything that the package ships into dist/: the program, the templates, and assets/ with what
// `sbw deploy` uploads. Built beside it and then put in its place, so that no half of it is ever run.
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildChartLibrary } from './build/chart-library.mjs';
import { buildHostAssets } from './build/host-assets.mjs';
import { buildLambdas } from './build/lambdas.mjs';
import { buildProgram } from './build/program.mjs';

const DASHBOARD = join('src', 'instance', 'dashboard');
const TESTS = join(DASHBOARD, 'tests');

const draft = join('.cache', `build-${process.pid}`);
try {
  // First: it is a part of the dashboard's folder, which goes into the host's zip and into dist/.
  await buildChartLibrary();
  const assets = join(draft, 'assets');
  await mkdir(assets, { recursive: true });
  const [lambdas, host] = await Promise.all([
    buildLambdas(assets),
    buildHostAssets(assets),
    buildProgram(draft),
    cp('src/templates', join(draft, 'templates'), { recursive: true }),
    // For `sbw local up --shiny`.
    cp(DASHBOARD, join(draft, 'dashboard'), { recursive: true, filter: (path) => path !== TESTS }),
  ]);
  await writeFile(join(assets, 'manifest.json'), `${JSON.stringify({ ...lambdas, ...host }, null, 2)}\n`);
  await rm('dist', { recursive: true, force: true });
  await rename(draft, 'dist');
} finally {
  await rm(draft, { recursive: true, force: true });
}
