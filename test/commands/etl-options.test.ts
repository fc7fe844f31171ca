import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, CommanderError } from 'commander';
import { registerBackfill } from '../../src/commands/etl/backfill.ts';
import type { BackfillOptions } from '../../src/commands/etl/backfill.ts';
import { exitCodeOf } from '../../src/commands/outcome.ts';
import { registerRun } from '../../src/commands/etl/run.ts';
import type { RunOptions } from '../../src/commands/etl/run.ts';
import { quote, sourceArguments } from '../../src/commands/options.ts';
import { emptyAccounting } from '../../src/etl/accounting.ts';
import type { RunReport } from '../../src/etl/load/report.ts';
import { fakeContext } from '../support/context.ts';

type Parsed = RunOptions & BackfillOptions;

async function parse(...argv: string[]): Promise<{ flags: Parsed; code: number }> {
  const exit = { code: 0 };
  let flags: unknown;
  const spy = async (_ctx: unknown, parsed: unknown): Promise<number> => {
    flags = parsed;
    return 5;
  };
  const program = new Command('sbw').exitOverride().configureOutput({ writeErr: () => undefined });
  registerRun(program, fakeContext(), exit, spy);
  registerBackfill(program, fakeContext(), exit, spy);
  await program.parseAsync(argv, { from: 'user' });
  return { flags: flags as Parsed, code: exit.code };
}

test('run: defaults, numbers as numbers, and the exit code of the run is the exit code of the command', async () => {
  const { flags, code } = await parse('run');
  assert.deepEqual(flags, { parallel: 4, order: 'newest', lookBack: 3 });
  assert.equal(code, 5);
  const { flags: given } = await parse(
    'run',
    '--look-back',
    '0',
    '--parallel',
    '8',
    '--reads',
    '64',
    '--order',
    'oldest',
  );
  assert.deepEqual(given, { parallel: 8, order: 'oldest', lookBack: 0, reads: 64 });
});

test('backfill: every flag arrives', async () => {
  const { flags } = await parse(
    ...['backfill', '--from', '2025-12-01', '--to', '2025-12-02', '--tz', 'UTC', '--reprocess', 'all'],
    ...['--dry-run', '--plan', 'p_1', '--yes', '--json', '--raw', '/raw', '--warehouse', 'postgres://h/d'],
  );
  assert.deepEqual(flags, {
    from: '2025-12-01',
    to: '2025-12-02',
    tz: 'UTC',
    reprocess: 'all',
    dryRun: true,
    plan: 'p_1',
    yes: true,
    json: true,
    raw: '/raw',
    warehouse: 'postgres://h/d',
    parallel: 4,
    order: 'newest',
  });
});

test('values outside their range are refused before anything runs', async () => {
  for (const argv of [
    ['run', '--parallel', '0'],
    ['run', '--parallel', '-5'],
    ['run', '--parallel', '4x'],
    ['run', '--reads', '1e3'],
    ['run', '--look-back', '1.5'],
    ['run', '--order', 'random'],
    ['run', '--newest'],
    ['run', 'surplus'],
    ['backfill', '--reprocess', 'some'],
  ]) {
    await assert.rejects(parse(...argv), CommanderError, argv.join(' '));
  }
});

test('the command to go on keeps the flags and what decides about the connection, never the password', () => {
  const warehouse = 'postgres://etl:s3cret@db:5432/dw?sslmode=verify-full&password=s3cret';
  const text = sourceArguments({ raw: "/my raw/it's", warehouse });
  assert.equal(text, ` --raw '/my raw/it'\\''s' --warehouse 'postgres://etl@db:5432/dw?sslmode=verify-full'`);
  assert.equal(sourceArguments({}), '');
  assert.equal(quote('s3://bucket/prefix'), 's3://bucket/prefix');
});

test('the worst of several ends decides the exit code', () => {
  const failed = [{ partition: 0, code: 'X', message: '' }];
  const none = { planned: 1, loaded: 1, unchanged: 0, held: [], failed: [], notStarted: [] };
  const report = (changes: Partial<RunReport>): RunReport => ({
    runId: 'r',
    accounting: emptyAccounting(),
    balanced: true,
    partitions: none,
    quarantine: {},
    unknownNames: {},
    unreadable: [],
    durationMs: 1,
    interrupted: false,
    rollups: null,
    ...changes,
  });
  const unreadable = emptyAccounting();
  unreadable.objects.unreadable = 1;
  const quarantined = emptyAccounting();
  quarantined.events.quarantined = 1;
  const trouble = { accounting: quarantined, partitions: { ...none, failed } };
  const cases: [number, Partial<RunReport>, string | null][] = [
    [0, {}, null],
    [5, { accounting: quarantined }, null],
    [5, { accounting: unreadable }, null],
    [5, { partitions: { ...none, held: [0] } }, null],
    [130, { partitions: { ...none, held: [0] } }, 'SIGINT'],
    [1, trouble, null],
    [130, { ...trouble, interrupted: true }, 'SIGINT'],
    [143, { ...trouble, interrupted: true }, 'SIGTERM'],
    [143, { ...trouble, interrupted: true }, 'SIGHUP'],
    [6, { ...trouble, interrupted: true, balanced: false }, 'SIGINT'],
  ];
  for (const [code, changes, signal] of cases) assert.equal(exitCodeOf(report(changes), signal), code);
});
