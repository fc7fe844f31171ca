import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import type { Database } from '../../../src/etl/ports.ts';
import { copyBuffers, copyLine, slicesOf } from '../../../src/etl/store/copy.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let database: Database;
before(async () => {
  postgres = await startTestPostgres(18);
  database = await openDatabase(await postgres.createDatabase(), 'sbw test');
});
after(async () => {
  await database.close();
  await postgres.stop();
});

test('any text that PostgreSQL can hold comes out of COPY as it went in', async () => {
  const text = fc
    .string({
      unit: fc.oneof(fc.constantFrom('\\', '\t', '\n', '\r', '\\N', '\\.', '"', 'é', '🙂'), fc.string()),
    })
    .map((raw) => raw.toWellFormed().replaceAll('\0', ''));
  const row = fc.tuple(fc.option(text), fc.option(text));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      const back = await database.withTransaction(async (session) => {
        await session.query('CREATE TEMP TABLE t (n integer, a text, b text) ON COMMIT DROP');
        const lines = rows.map(([a, b], index) => copyLine([String(index), a, b]));
        const count = await session.copyIn('COPY t FROM STDIN', slicesOf(copyBuffers(lines)));
        assert.equal(count, rows.length);
        return (await session.query<{ a: string | null; b: string | null }>('SELECT a, b FROM t ORDER BY n'))
          .rows;
      });
      assert.deepEqual(
        back.map(({ a, b }) => [a, b]),
        rows,
      );
    }),
    { numRuns: 60 },
  );
});

test('slices are the same bytes, none of them too long to send', () => {
  const bytes = Buffer.alloc(2_000_001, 7);
  const slices = [...slicesOf([bytes, Buffer.alloc(0), bytes])];
  assert.ok(slices.every((slice) => slice.length > 0 && slice.length <= 512 * 1024));
  assert.ok(Buffer.concat(slices).equals(Buffer.concat([bytes, bytes])));
});
