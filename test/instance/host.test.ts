import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MIGRATIONS } from '../../src/etl/store/sql.generated.ts';
import { ADDRESS, makeStage, removeStage, startHost, type Host, type Stage } from './support/host.ts';
import { makeDisk, type RemovableDisk } from './support/machine.ts';
import { provisionZip } from './support/provision-zip.ts';
import { ask, askAsEtl, refusalOf } from './support/warehouse.ts';

/**
 * A server on a bare Debian 13 with its own systemd, user data as CloudFormation would hand it over, and no network but
 * the doors of the private subnet. The tests go on from one another.
 */
const folder = mkdtempSync(join(tmpdir(), 'sbw-host-'));
const NEWEST = MIGRATIONS.at(-1)!.version;

let stage: Stage;
let disk: RemovableDisk;
let host: Host;

before(async () => {
  stage = await makeStage(provisionZip());
  disk = makeDisk(join(folder, 'data.img'), 'vol-0123456789abcdef0', 1024);
  host = await startHost(stage, [disk]);
});
after(async () => {
  await host?.close();
  disk?.remove();
  removeStage(stage);
  rmSync(folder, { recursive: true });
});

const processes = (): string =>
  host.machine.shell(
    'systemctl show --property MainPID --value postgresql@17-main sbw-dashboard amazon-ssm-agent',
  );

test('a first boot ends with a warehouse, a line a step on the console, and word to CloudFormation', () => {
  const { code, stderr } = host.firstBoot();
  assert.equal(
    code,
    0,
    `${stderr}\n${host.machine.console()}\n${host.machine.shell('cat /var/log/sbw/*.log')}`,
  );
  const names = [
    'volume',
    'packages',
    'certificate',
    'postgresql',
    'database',
    'dashboard',
    'timers',
    'restarts',
    'verify',
  ];
  assert.deepEqual(host.machine.console().trim().split('\n'), [
    'sbw: fetching the release',
    ...names.map((name, index) => `sbw: step ${index + 1} of ${names.length}: ${name}`),
    'sbw: ready',
  ]);
});

test('CloudFormation hears of it once, and every request was signed as AWS would sign it', () => {
  assert.deepEqual(host.signals(), [
    { Status: 'SUCCESS', Reason: 'the warehouse is ready', UniqueId: 'first-boot', Data: '' },
  ]);
  assert.deepEqual(
    host.requests().filter(({ status }) => status !== 200),
    [],
  );
});

test('once more changes nothing and restarts nothing', () => {
  const earlier = processes();
  host.machine.shell('touch /tmp/earlier');
  host.machine.shell('sbw-host provision');
  assert.equal(processes(), earlier);
  const changed = host.machine.shell('find /etc /opt/sbw -newer /tmp/earlier -type f ! -name lock');
  assert.equal(changed, '');
});

test('the ETL comes in with its own code, finds its schema, and writes', async () => {
  const insert = `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name)
    VALUES ('first', now(), 'page_view') RETURNING event_id`;
  assert.deepEqual(await askAsEtl(host, stage, insert), {
    applied: [],
    version: NEWEST,
    rows: [{ event_id: 'first' }],
  });
});

test('nobody else comes in over the network', async () => {
  assert.match(
    (await askAsEtl(host, stage, 'SELECT 1', { password: 'wrong' })).problem!,
    /password was refused/,
  );
  for (const user of ['postgres', 'sbw_owner', 'dashboard_reader']) {
    assert.match((await askAsEtl(host, stage, 'SELECT 1', { user })).problem!, /this user may not connect/);
  }
  const { code, stderr } = host.machine.run([
    'psql',
    '-X',
    `host=${ADDRESS} user=etl_writer dbname=clickstream_dw sslmode=disable`,
    '-c',
    'SELECT 1',
  ]);
  assert.notEqual(code, 0);
  assert.match(stderr, /no pg_hba\.conf entry.*no encryption/);
});

test('the certificate names this server, and another authority did not sign it', async () => {
  assert.equal((await askAsEtl(host, stage, 'SELECT 1 AS one', { host: '127.0.0.1' })).problem, undefined);
  assert.match((await askAsEtl(host, stage, 'SELECT 1', { host: '127.0.0.2' })).problem!, /127\.0\.0\.2/);
  const another = await makeStage(provisionZip());
  assert.match(
    (await askAsEtl(host, stage, 'SELECT 1', { authority: another.authority })).problem!,
    /certificate|verify/i,
  );
  removeStage(another);
});

test('the dashboard answers on loopback alone, and reads as its own user without a password', () => {
  const get = (path: string): string =>
    host.machine.shell(
      `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:3838/sbw_dashboard${path}").read().decode())'`,
    );
  assert.match(get(''), /^<!DOCTYPE html>/);
  // R itself has asked the warehouse, in its unit and by its own way.
  assert.deepEqual(JSON.parse(get('/health')), { status: 'ok' });
  const listening = host.machine.shell('ss --listening --numeric --tcp --no-header').split('\n');
  assert.deepEqual(
    listening.flatMap((line) => /\S+:3838\b/.exec(line)?.[0] ?? []),
    ['127.0.0.1:3838'],
  );
  assert.equal(
    ask(host, 'SELECT count(*) FROM clickstream_events', 'sbw_dashboard', 'dashboard_reader'),
    '1',
  );
});

test('the server says how it is, also when a part of it is not', () => {
  const health = () => JSON.parse(host.machine.shell('sbw-host health')) as Record<string, unknown>;
  const well = health();
  assert.deepEqual(Object.keys(well), ['dashboard', 'warehouse', 'machine']);
  assert.equal((well['dashboard'] as { status: string }).status, 'ok');
  const { events, quarantined } = well['warehouse'] as Record<string, unknown>;
  assert.deepEqual([typeof events, quarantined], ['number', 0]);
  const machine = well['machine'] as Record<string, unknown>;
  assert.ok(Number(machine['certificate_days']) > 390, JSON.stringify(machine));
  assert.ok(Number(machine['data_disk_percent']) < 80 && Number(machine['system_disk_percent']) <= 100);
  assert.ok(Array.isArray(machine['failed_units']));

  host.machine.shell('systemctl stop postgresql@17-main');
  try {
    assert.match((health()['warehouse'] as { problem: string }).problem, /connection to server|socket/);
  } finally {
    host.machine.shell('systemctl start postgresql@17-main');
  }
});

test('the roles may not do what is not theirs', () => {
  const reader = (statement: string): string =>
    refusalOf(host, statement, 'sbw_dashboard', 'dashboard_reader');
  assert.match(reader('DELETE FROM clickstream_events'), /read-only transaction/);
  assert.match(reader('BEGIN READ WRITE; DELETE FROM clickstream_events'), /permission denied/);
  assert.match(reader('SELECT raw_text FROM sbw.quarantine'), /permission denied/);
  assert.match(reader("COPY clickstream_events TO PROGRAM 'true'"), /permission denied|read-only/);
  assert.match(reader('SELECT pg_sleep(30)'), /statement timeout/);
  assert.match(refusalOf(host, 'SELECT 1', 'sbw_dashboard', 'etl_writer'), /no pg_hba\.conf entry/);
  assert.match(refusalOf(host, 'SELECT 1', 'nobody', 'dashboard_reader'), /Peer authentication failed/);
  assert.match(refusalOf(host, 'SELECT 1', 'sbw_dashboard', 'postgres'), /Peer authentication failed/);
});

test('a function that was killed does not keep its session, and nobody fills the disk with one question', () => {
  const settings = ask(
    host,
    "SELECT rolname, unnest(rolconfig) FROM pg_roles WHERE rolname ~ '_(writer|reader)$'",
  );
  for (const setting of [
    'etl_writer|tcp_keepalives_idle=60',
    'etl_writer|idle_in_transaction_session_timeout=15min',
    'etl_writer|temp_file_limit=4GB',
    'dashboard_reader|temp_file_limit=1GB',
  ]) {
    assert.ok(settings.split('\n').includes(setting), `${setting} is not in\n${settings}`);
  }
});

test('memory is divided by what the machine has, at each start', () => {
  const memory = (): Record<string, number> =>
    Object.fromEntries(
      [
        ...host.machine
          .shell('cat /etc/postgresql/17/main/conf.d/memory.conf')
          .matchAll(/^(\w+) = (\d+)MB$/gm),
      ].map(([, name, size]) => [name!, Number(size)]),
    );
  const total = Number(/^MemTotal: +(\d+)/m.exec(host.machine.shell('cat /proc/meminfo'))![1]) / 1024;
  const shared = Math.min(Math.floor((Math.floor(total) - 600) / 4), 8192);
  assert.equal(memory()['shared_buffers'], shared);
  assert.equal(
    ask(host, "SELECT setting::bigint * 8 / 1024 FROM pg_settings WHERE name = 'shared_buffers'"),
    String(shared),
  );
  // A t3.small.
  host.machine.shell(`echo 'MemTotal:        1998848 kB' > /root/meminfo
    unshare --mount sh -c 'mount --bind /root/meminfo /proc/meminfo && /usr/local/lib/tune-postgresql'`);
  assert.deepEqual(memory(), {
    ...{ shared_buffers: 338, effective_cache_size: 1014, maintenance_work_mem: 84, work_mem: 8 },
  });
  host.machine.shell('/usr/local/lib/tune-postgresql');
});

test('what was cut off half-way is made good: half a certificate, a setting that was not taken', async () => {
  const process = (): string => host.machine.shell('systemctl show --property MainPID postgresql@17-main');
  const tls = '/etc/sbw/tls';
  const serial = (): string => host.machine.shell(`openssl x509 -in ${tls}/server.crt -noout -serial`);
  const damages = [
    // The key was exchanged, the certificate not yet.
    `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 > /root/key && cat /root/key > ${tls}/server.key`,
    `chgrp root ${tls}/server.key`,
    `rm ${tls}/server.crt`,
  ];
  for (const damage of damages) {
    const before = host.machine.run([
      'openssl',
      'x509',
      '-in',
      `${tls}/server.crt`,
      '-noout',
      '-serial',
    ]).stdout;
    host.machine.shell(`${damage}; sbw-host provision 30-certificate`);
    assert.notEqual(serial(), before, damage);
    assert.equal((await askAsEtl(host, stage, 'SELECT 1 AS one')).problem, undefined, damage);
  }
  // Written, and not yet loaded.
  host.machine.shell(`touch ${tls}/server.crt; sbw-host provision 30-certificate`);
  const loaded = ask(host, "SELECT pg_conf_load_time() > now() - interval '20 seconds'");
  assert.equal(loaded, 't');

  const earlier = process();
  host.machine.shell('touch /etc/postgresql/17/main/conf.d/sbw.conf; sbw-host provision 40-postgresql');
  const later = process();
  assert.notEqual(later, earlier);
  host.machine.shell('sbw-host provision 40-postgresql');
  assert.equal(process(), later);
});

/** A step with other times, and a pg_isready of ours. */
function startsWith(isReady: string): { code: number | null; stdout: string } {
  host.machine.shell(`
    cat > /usr/local/bin/pg_isready <<'PROGRAM'\n#!/bin/sh\n${isReady}\nPROGRAM
    chmod +x /usr/local/bin/pg_isready; rm -f /root/asked
    sed 's/^start_seconds=.*/start_seconds=2/; s/^recovery_seconds=.*/recovery_seconds=20/' \
      /opt/sbw/provision/steps/40-postgresql.sh > /root/step.sh`);
  try {
    return host.machine.run(['env', 'SBW_RELEASE=/opt/sbw/provision', 'bash', '/root/step.sh']);
  } finally {
    host.machine.shell('rm /usr/local/bin/pg_isready');
  }
}

test('a PostgreSQL that makes up for a crash has time; one that says nothing is told of with its own log', () => {
  const recovers = 'echo >> /root/asked; [ $(wc -l < /root/asked) -gt 6 ] || exit 1';
  assert.equal(startsWith(recovers).code, 0);
  const { code, stdout } = startsWith('exit 2');
  assert.equal(code, 1);
  assert.match(stdout, /PostgreSQL does not answer; the end of .*\n.*database system is ready to accept/s);
});

/** Without it the kernel makes no file system larger while it is mounted. */
const MAY_RESIZE =
  (BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`) >> 24n) & 1n;

test('a volume grows with what is below it', () => {
  const size = (): number =>
    Number(host.machine.shell('df --output=size --block-size=1M /var/lib/postgresql | tail -1'));
  const before = size();
  disk.resize(1536);
  const { code, stdout } = host.machine.run(['sbw-host', 'provision', '10-volume']);
  if (MAY_RESIZE === 1n) {
    assert.deepEqual([code, size() > before + 400], [0, true], stdout);
  } else {
    // As far as it can be seen here: it knew that there is more, and asked the kernel.
    assert.match(stdout, /Permission denied to resize filesystem/);
    disk.resize(1024);
  }
  assert.match(host.machine.shell('grep postgresql /etc/fstab'), /x-systemd\.growfs/);
});

test('only a volume that is blank from end to end, as far as can be seen, is given a file system', () => {
  const other = makeDisk(join(folder, 'other.img'), 'vol-0cccccccccccccccc', 64);
  try {
    host.machine.attach(other);
    const run = (): { code: number | null; stdout: string } =>
      host.machine.run([
        ...['env', 'SBW_RELEASE=/opt/sbw/provision', `SBW_VOLUME_ID=${other.volumeId}`],
        ...['bash', '/opt/sbw/provision/steps/10-volume.sh'],
      ]);
    for (const offset of [4096, 64 * 1024 * 1024 - 512]) {
      const write = ['dd', `of=${other.device}`, 'bs=1', `seek=${offset}`, 'conv=notrunc,fsync'];
      assert.equal(host.machine.run(write, 'something').code, 0);
      const { code, stdout } = run();
      assert.deepEqual([code, /holds something/.test(stdout)], [1, true], `${offset}: ${stdout}`);
      host.machine.shell(`head -c 9 /dev/zero | ${write.join(' ')} 2> /dev/null`);
    }
    assert.equal(host.machine.run(['blkid', '--probe', other.device]).code, 2);
  } finally {
    other.remove();
  }
});

test('logs end somewhere, and nothing of a killed step stays in memory', () => {
  assert.equal(host.machine.shell('systemctl is-active logrotate.timer').trim(), 'active');
  host.machine.shell('mkdir /dev/shm/sbw-certificate.killed; sbw-host provision 70-timers');
  assert.equal(host.machine.shell('ls /dev/shm | grep sbw- || true'), '');
});

test('the units are right, and shut in', () => {
  const units = ['sbw-dashboard.service', 'sbw-certificate.service', 'sbw-certificate.timer'];
  host.machine.shell(`systemd-analyze verify ${units.join(' ')} postgresql@17-main.service`);
  const exposureOf = (unit: string): number =>
    Number(
      /level for \S+: ([\d.]+)/.exec(host.machine.shell(`systemd-analyze security ${unit} | tail -1`))?.[1],
    );
  assert.ok(exposureOf('sbw-dashboard.service') <= 1.5);
  assert.ok(exposureOf('postgresql@17-main.service') <= 3);
  assert.ok(exposureOf('sbw-certificate.service') <= 3);
  host.machine.shell('systemctl start sbw-certificate.service');
  host.machine.shell('findmnt --verify --tab-file /etc/fstab');
});

test('no secret is in a log, on the console, or in a file that others can read', () => {
  const { parameters } = stage.settings;
  const keyLine = parameters['/sbw/dev/dwh/ca-key']!.split('\n')[1]!;
  for (const secret of [stage.password, keyLine, stage.settings.role.SecretAccessKey]) {
    assert.ok(!host.machine.console().includes(secret));
    const found = host.machine.run([
      'grep',
      '-rlF',
      '--',
      secret,
      '/var/log',
      '/etc',
      '/opt/sbw',
      '/var/lib/sbw',
      '/dev/shm',
      '/tmp',
      '/run',
    ]);
    assert.equal(found.stdout, '');
  }
  assert.equal(
    host.machine.shell('stat --format "%a %U %G" /etc/sbw/tls/server.key').trim(),
    '640 root postgres',
  );
});
