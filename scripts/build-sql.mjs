// Compiles src/etl/store/sql/*.sql into a module, so that a bundle (the CLI's, a Lambda's) carries them.
// `--check` only says whether the module is up to date: the architecture test calls it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../src/etl/store/sql/', import.meta.url);
const module_ = new URL('../src/etl/store/sql.generated.ts', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => /^\d{6}\.sql$/.test(name))
  .sort();
const entries = files.map(
  (name) =>
    `  { version: ${Number(name.slice(0, 6))}, sql: ${JSON.stringify(readFileSync(new URL(name, folder), 'utf8'))} },`,
);
const text = `/** Made from sql/*.sql by scripts/build-sql.mjs; edit those. */
export const MIGRATIONS: readonly { readonly version: number; readonly sql: string }[] = [
${entries.join('\n')}
];
`;
if (process.argv.includes('--check')) {
  if (readFileSync(module_, 'utf8') !== text) {
    process.stderr.write('src/etl/store/sql.generated.ts is out of date: run `npm run build:sql`\n');
    process.exitCode = 1;
  }
} else writeFileSync(module_, text);
