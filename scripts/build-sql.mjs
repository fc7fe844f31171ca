// Compiles SQL files into modules, so that a bundle (the CLI's, a Lambda's) carries them: the migrations, and the
// dashboard's questions for `sbw report`. `--check` only says whether the modules are up to date: the architecture test
// calls it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const at = (path) => new URL(`../${path}`, import.meta.url);
const filesOf = (folder, name) =>
  readdirSync(at(folder), { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => name.test(basename(path)))
    .sort();
const textOf = (folder, path) => JSON.stringify(readFileSync(at(`${folder}/${path}`), 'utf8'));

function migrations() {
  const folder = 'src/etl/store/sql';
  const entries = filesOf(folder, /^\d{6}\.sql$/).map(
    (path) => `  { version: ${Number(path.slice(0, 6))}, sql: ${textOf(folder, path)} },`,
  );
  return `/** Made from sql/*.sql by scripts/build-sql.mjs; edit those. */
export const MIGRATIONS: readonly { readonly version: number; readonly sql: string }[] = [
${entries.join('\n')}
];
`;
}

function questions() {
  const folder = 'src/instance/dashboard/sql';
  const entries = filesOf(folder, /\.sql$/).map(
    (path) => `  ${JSON.stringify(basename(path, '.sql'))}: ${textOf(folder, path)},`,
  );
  return `/** Made from src/instance/dashboard/sql by scripts/build-sql.mjs; edit those files. */
export const QUESTIONS = {
${entries.join('\n')}
} as const;
`;
}

const modules = {
  'src/etl/store/sql.generated.ts': migrations(),
  'src/etl/rollups/questions.generated.ts': questions(),
};
for (const [path, text] of Object.entries(modules)) {
  if (!process.argv.includes('--check')) writeFileSync(at(path), text);
  else if (readFileSync(at(path), 'utf8') !== text) {
    process.stderr.write(`${path} is out of date: run \`npm run build:sql\`\n`);
    process.exitCode = 1;
  }
}
