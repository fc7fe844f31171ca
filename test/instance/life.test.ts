import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MIGRATIONS } from '../../src/etl/store/sql.generated.ts';
import { makeStage, release, removeStage, startHost, type Host, type Stage } from './support/host.ts';
import { makeDisk, type RemovableDisk } from './support/machine.ts';
import { changedZip, provisionZip } from './support/provision-zip.ts';
import { ask, askAsEtl } from './support/warehouse.ts';

/** What comes after the first boot: newer releases, a snapshot, another server, a restore. They go on from one another. */
const folder = mkdtempSync(join(tmpdir(), 'sbw-host-'));
const image = join(folder, 'data.img');
const copy = join(folder, 'snapshot.img');
const NEWEST = MIGRATIONS.at(-1)!.version;

let stage: Stage;
let host: Host;
const disks: RemovableDisk[] = [];

before(async () => {
  stage = await makeStage(provisionZip());
  disks.push(makeDisk(image, 'vol-0123456789abcdef0', 1024));
  host = await startHost(stage, disks);
  assert.equal(host.firstBoot().code, 0);
});
after(async () => {
  await host?.close();
  for (const disk of disks) disk.remove();
  removeStage(stage);
  rmSync(folder, { recursive: true });
});

test('a newer release comes by the tags; one whose hash is wrong, or whose step fails, is told', async () => {
  const earlier = host.machine.shell('readlink /opt/sbw/provision');
  const number = String(NEWEST + 1).padStart(6, '0');
  release(stage, changedZip({ [`sql/${number}.sql`]: 'CREATE TABLE sbw.newer (id integer);' }));
  host.machine.shell('sbw-host update');
  assert.notEqual(host.machine.shell('readlink /opt/sbw/provision'), earlier);
  assert.equal(ask(host, 'SELECT max(version) FROM sbw.schema_version'), String(NEWEST + 1));

  const broken = `CREATE TABLE sbw.half (id integer); SELECT 1 / 0;`;
  const next = String(NEWEST + 2).padStart(6, '0');
  const bad = changedZip({ [`sql/${number}.sql`]: 'SELECT 1;', [`sql/${next}.sql`]: broken });
  release(stage, bad);
  assert.equal(host.firstBoot().code, 1);
  assert.match(JSON.stringify(host.signals().at(-1)), /"FAILURE".*50-database.*division by zero/);
  assert.match(host.machine.console(), /division by zero\n.*step 50-database failed/);
  assert.equal(
    ask(host, "SELECT max(version), to_regclass('sbw.half') FROM sbw.schema_version"),
    `${NEWEST + 1}|`,
  );

  release(stage, bad, 'd'.repeat(64));
  const impatient =
    'import sys; sys.path.insert(0, "/opt/sbw"); import host; host.PATIENCE_SECONDS = 0; host.main(["update"])';
  const { code, stderr } = host.machine.run(['python3', '-c', impatient]);
  assert.equal(code, 1);
  assert.match(stderr, /is not what it should be: its SHA-256 is/);
  release(stage, provisionZip());
});

test('a snapshot taken while rows are written brings all that were committed before it', async () => {
  const rows = `INSERT INTO clickstream_events (event_id, event_timestamp, event_name)
    SELECT $1 || i, now(), 'click' FROM generate_series(1, 20000) i`;
  ask(host, rows.replace('$1', "'kept-'"));
  // Uncommitted, and under way.
  const open = `BEGIN; ${rows.replace('$1', "'open-'")}; SELECT pg_sleep(60)`;
  host.machine.shell(`systemd-run --quiet --uid postgres psql -Xq clickstream_dw -c "${open}"
    sleep 1; fsfreeze --freeze /var/lib/postgresql`);
  try {
    assert.equal(spawnSync('cp', ['--sparse=always', image, copy]).status, 0);
  } finally {
    host.machine.shell('fsfreeze --unfreeze /var/lib/postgresql');
  }
  ask(
    host,
    "INSERT INTO clickstream_events (event_id, event_timestamp, event_name) VALUES ('after', now(), 'click')",
  );
});

test('a new server on the volume of one whose plug was pulled has its data, under other user numbers', async () => {
  await host.close();
  host = await startHost(stage, disks, (root) => {
    // On this image the number that PostgreSQL had is taken.
    for (const name of ['one', 'two', 'three']) addUser(root, `other${name}`);
  });
  const { code } = host.firstBoot();
  assert.equal(code, 0, `${host.machine.console()}\n${host.machine.shell('tail -n 50 /var/log/sbw/*.log')}`);
  assert.equal(ask(host, "SELECT count(*) FROM clickstream_events WHERE event_id = 'after'"), '1');
  assert.equal(ask(host, "SELECT count(*) FROM clickstream_events WHERE event_id LIKE 'open-%'"), '0');
  // It came in, and saw the schema of the newer release.
  assert.match((await askAsEtl(host, stage, '')).problem!, new RegExp(`has schema version ${NEWEST + 1}`));
});

test('the snapshot is restored by a command, and the former data are kept', () => {
  const restored = { ...makeDisk(copy, 'vol-0fedcba9876543210') };
  disks.push(restored);
  host.machine.attach(restored);
  assert.match(host.machine.run(['sbw-host', 'restore', 'vol-0aaaaaaaaaaaaaaaa']).stderr, /not attached/);
  const said = host.machine.shell('sbw-host restore vol-0fedcba9876543210');
  assert.match(said, /former data are in \/var\/lib\/postgresql\/17\.before-/);
  assert.equal(
    ask(host, "SELECT count(*) FILTER (WHERE event_id LIKE 'kept-%'), count(*) FROM clickstream_events"),
    '20000|20000',
  );
  assert.match(host.machine.console(), /verify\nsbw: ready\n$/);
});

function addUser(root: string, name: string): void {
  const { status, stderr } = spawnSync('chroot', [root, 'useradd', '--system', '--user-group', name], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}
