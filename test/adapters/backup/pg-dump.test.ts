import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPgDump } from '../../../src/adapters/backup/pg-dump.ts';

const URL = 'postgres://etl%40x:s3cr%2Fet@db.example:6543/clickstream_dw?sslmode=verify-full';

/**
 * PostgreSQL's client programs as far as they matter here: `pg_dump` writes the file that `--file` names and fails
 * when it is told to; `pg_restore --list` tells its tables. Both write down how they were called.
 */
function clientPrograms(pgDumpEnds: 0 | 1): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-pg-dump-'));
  const log = `{ echo "$0 $*"; env | sort; } >> ${folder}/calls`;
  const programs = {
    pg_dump: `${log}\nfor one; do case "$one" in --file=*) echo dump > "\${one#--file=}";; esac; done\necho "no route" >&2\nexit ${pgDumpEnds}`,
    pg_restore: `${log}\necho "; Archive"\necho "3021; 0 16390 TABLE DATA public clickstream_events x"\necho "3022; 0 1 TABLE DATA sbw runs x"`,
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { folder, path: `${folder}:/usr/bin:/bin` };
}

test('dumps by way of libpq, and the password is on no command line', async () => {
  const { folder, path } = clientPrograms(0);
  const file = join(folder, 'warehouse.dump');
  const dump = openPgDump({ PATH: path, HOME: folder, AWS_SECRET_ACCESS_KEY: 'other' });
  assert.deepEqual(await dump.dump(URL, file), { bytes: 5, tables: 2 });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  for (const line of calls.filter((one) => one.startsWith('/'))) assert.doesNotMatch(line, /s3cr/);
  for (const line of [
    ...[
      'PGHOST=db.example',
      'PGPORT=6543',
      'PGUSER=etl@x',
      'PGPASSWORD=s3cr/et',
      'PGDATABASE=clickstream_dw',
    ],
    'PGSSLMODE=verify-full',
  ]) {
    assert.ok(calls.includes(line), line);
  }
  assert.ok(!calls.some((line) => line.startsWith('AWS_')), 'it gets only what it needs');
});

test('a dump that fails says why, without the password, and leaves no file', async () => {
  const { folder, path } = clientPrograms(1);
  const file = join(folder, 'warehouse.dump');
  await assert.rejects(openPgDump({ PATH: path }).dump(URL, file), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'DUMP_FAILED');
    assert.match(error.message, /pg_dump ended with 1: no route/);
    return !error.message.includes('s3cr');
  });
  assert.ok(!existsSync(file));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('without the client programs it says what to install', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-pg-dump-'));
  await assert.rejects(openPgDump({ PATH: folder }).dump(URL, join(folder, 'x')), {
    code: 'DUMP_TOOL_MISSING',
    kind: 'environment',
  });
});
