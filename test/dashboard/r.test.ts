import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { libpqOf, runR } from './support/r.ts';
import { makeShopWarehouse, thisHour, type ShopWarehouse } from './support/shop.ts';

test('the functions and modules hold what their tests say', async () => {
  const { code, output } = await runR(['/srv/sbw_dashboard/tests/run.R']);
  assert.equal(code, 0, output);
  assert.match(output, /\b(9\d|\d{3}) tests, 0 failed/);
});

test('the R files are written in one style', async () => {
  const { code, output } = await runR(['/srv/sbw_dashboard/tests/lint.R']);
  assert.equal(code, 0, output);
});

describe('the questions', () => {
  let warehouse: ShopWarehouse;
  before(async () => {
    warehouse = await makeShopWarehouse({ sessions: 300, days: 20, until: thisHour() });
  });
  after(() => warehouse.close());

  test('give on a real warehouse the columns that the fake one gives', async () => {
    const { code, output } = await runR(
      ['/srv/sbw_dashboard/tests/contract.R'],
      libpqOf(warehouse.readerUrl),
    );
    assert.equal(code, 0, output);
    assert.match(output, /21 questions answered/);
  });

  test('cannot write, even after asking to', async () => {
    const program = `
      sys.source('/srv/sbw_dashboard/logic/problem.R', globalenv()); sys.source('/srv/sbw_dashboard/logic/database.R', globalenv())
      database <- open_database()
      for (sql in c('DELETE FROM dash.version RETURNING 1', 'CREATE TABLE public.x AS SELECT 1', 'SELECT pg_sleep(9)',
                    'SELECT client_id FROM public.clickstream_events', 'SELECT raw_text FROM sbw.quarantine')) {
        code <- tryCatch({ database$read('SET default_transaction_read_only = off'); 'set' }, error = function(e) 'refused')
        cat(sql, '->', tryCatch({ database$read(sql); 'done' }, error = function(e) e$code), '\\n')
      }`;
    const { output } = await runR(['-e', program], libpqOf(warehouse.readerUrl));
    assert.match(output, /DELETE .* -> not_allowed/);
    assert.match(output, /CREATE .* -> (not_allowed|query_failed)/);
    assert.match(output, /pg_sleep.* -> too_slow/);
    assert.match(output, /client_id .* -> not_allowed/);
    assert.match(output, /raw_text .* -> not_allowed/);
    assert.doesNotMatch(output, /-> done/);
  });
});
