// `npm run bench -- <name> [options]`: bundles a bench as the CLI is bundled, and runs it. The TypeScript loader of
// the tests names every function it meets, which costs a hot loop up to half its speed.
import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { run, setUp } from './setup.mjs';

const [name, ...options] = process.argv.slice(2);
await setUp();
if (name === undefined || !existsSync(`bench/${name}.ts`)) {
  process.stderr.write('usage: npm run bench -- <name of a file in bench/> [--events N] [--rounds N]\n');
  process.exit(64);
}
await build({
  entryPoints: [`bench/${name}.ts`, 'bench/s3-server.ts'],
  outdir: '.cache/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  packages: 'external',
  logLevel: 'warning',
});
await run('node', [`.cache/bench/${name}.mjs`, ...options]);
