import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTINGS, type SettingName, parseAssignment, readSettings } from '../../src/stacks/settings.ts';

const isTaken = (name: SettingName, value: unknown): boolean => {
  try {
    readSettings({ [name]: value });
    return true;
  } catch {
    return false;
  }
};

test('each default is a value that could have been given', () => {
  for (const [name, { fallback }] of Object.entries(SETTINGS)) {
    if (fallback === null) continue;
    const settings = readSettings({ [name]: fallback });
    assert.deepEqual(settings[name as SettingName], fallback, name);
    const text = Array.isArray(fallback) ? fallback.join(',') : String(fallback);
    assert.deepEqual(readSettings({ [name]: text })[name as SettingName], fallback, `${name} of a flag`);
  }
});

test('the last source wins, and null takes back what an earlier one gave', () => {
  const file = { warehouseInstanceType: 't3.large', webDb: false };
  assert.equal(readSettings(file, { warehouseInstanceType: 't3.medium' }).warehouseInstanceType, 't3.medium');
  const { webDb, warehouseInstanceType } = readSettings(file, { webDb: null });
  assert.deepEqual([webDb, warehouseInstanceType], [true, 't3.large']);
});

test('what AWS would refuse after minutes is refused at once', () => {
  const good: readonly [SettingName, unknown][] = [
    ['rawBucket', 'shop-raw-2026'],
    ['image', 'ami-0a1b2c3d4e5f67890'],
    ['availabilityZone', 'us-gov-west-1a'],
    ...[
      'c7i-flex.large',
      't3.small',
      't3a.micro',
      'm7i.xlarge',
      'g4dn.xlarge',
      'r6idn.large',
      'x2idn.16xlarge',
      'c6in.large',
    ].map((name) => ['warehouseInstanceType', name] as [SettingName, unknown]),
    ['webDbCidrs', '203.0.113.7/32,10.0.0.0/8'],
    ['webDbCidrs', []],
    ['allowedOrigins', 'https://shop.example,http://localhost:3000'],
    ['schedule', 'rate(15 minutes)'],
    ['schedule', 'cron(5 * * * ? *)'],
    ['schedule', 'cron(0/15 8-17 ? * MON-FRI 2026-2030)'],
    ['schedule', 'cron(0 10 L JAN,JUL ? *)'],
    ['schedule', 'cron(0 10 ? * 6#3 *)'],
    ['warehouseVolumeGb', 8],
    ['alarmEmail', 'eva@shop.example'],
    ['eventsPerMonth', 0],
  ];
  for (const [name, value] of good) assert.ok(isTaken(name, value), `${name}=${JSON.stringify(value)}`);
  const notCron = ['cron(5 * * * ?)', 'cron(5 * * * * *)', 'cron(5 * ? * ? *)', 'cron(5  * * * ? *)'];
  const bad: readonly [SettingName, unknown][] = [
    ...['ab', 'Shop-Raw', 'a.b.c', '-raw', 'xn--raw', 'raw-s3alias', 'r'.repeat(64), ''].map(
      (name) => ['rawBucket', name] as [SettingName, unknown],
    ),
    ['image', 'debian-13'],
    ['availabilityZone', 'eu-west-1'],
    // The image is not for Graviton, and the volume is found as an NVMe disk.
    ...[
      't3.small; reboot',
      't4g.small',
      'm7gd.large',
      'a1.medium',
      'x2gd.medium',
      't2.micro',
      'm4.large',
      'c4.large',
    ].map((name) => ['warehouseInstanceType', name] as [SettingName, unknown]),
    ['warehouseVolumeGb', 7],
    ...['0.0.0.0/0', '10.0.0.0/7', '10.0.0.0/33', '256.0.0.0/8', '10.0.0.0', '::/0'].map(
      (range) => ['webDbCidrs', range] as [SettingName, unknown],
    ),
    ['webDbCidrs', '1.1.1.1/32,1.1.1.2/32,1.1.1.3/32,1.1.1.4/32,1.1.1.5/32'],
    ['webDbCidrs', [1]],
    ...['shop.example', 'https://shop.example/path', 'javascript:alert(1)'].map(
      (origin) => ['allowedOrigins', origin] as [SettingName, unknown],
    ),
    ...[
      'rate(1 hours)',
      'rate(2 hour)',
      'rate(0 hours)',
      'rate(00 minutes)',
      'hourly',
      'cron(* * * * * *)\n',
      'cron(aaaaaaaaaaa)',
      ...notCron,
    ].map((rule) => ['schedule', rule] as [SettingName, unknown]),
    ...['eva', 'eva@', 'a b@c.d', 'a@b@c'].map((mail) => ['alarmEmail', mail] as [SettingName, unknown]),
    ...[0, 5.5, '5.5', '-1', '1e3', NaN, true, {}, []].map(
      (number) => ['throttleRate', number] as [SettingName, unknown],
    ),
    ...['yes', 1, 'TRUE'].map((flag) => ['webDb', flag] as [SettingName, unknown]),
  ];
  for (const [name, value] of bad) assert.ok(!isTaken(name, value), `${name}=${JSON.stringify(value)}`);
});

test('days of logs become the next number that CloudWatch knows', () => {
  const days = [1, 2, 31, 366, 3653].map((logDays) => readSettings({ logDays }).logDays);
  assert.deepEqual(days, [1, 3, 60, 400, 3653]);
});

test('a wrong name is answered with the one that was meant, a wrong value with what a good one is', () => {
  assert.throws(() => readSettings({ warehouseInstancetype: 't3.small' }), {
    code: 'SETTING_UNKNOWN',
    kind: 'usage',
    fix: /^did you mean warehouseInstanceType\? /,
  });
  for (const name of ['__proto__', 'constructor', 'toString', 'x'.repeat(5000)]) {
    assert.throws(
      () => readSettings(JSON.parse(`{${JSON.stringify(name)}: "x"}`) as Record<string, unknown>),
      (error: Error & { code: string }) => error.code === 'SETTING_UNKNOWN' && error.message.length < 200,
      name.slice(0, 20),
    );
  }
  assert.throws(() => readSettings({ warehouseVolumeGb: 'x'.repeat(5000) }), {
    code: 'SETTING_INVALID',
    message: /^warehouseVolumeGb cannot be "x{79}\.$/,
    fix: 'warehouseVolumeGb is a whole number from 8 to 16384',
  });
});

test('name=value; nothing behind the sign means the default', () => {
  assert.deepEqual(parseAssignment('schedule=cron(5 = 5)'), ['schedule', 'cron(5 = 5)']);
  assert.deepEqual(parseAssignment('alarmEmail='), ['alarmEmail', null]);
  for (const text of ['', '=', '=x', 'webDb']) {
    assert.throws(() => parseAssignment(text), { code: 'SETTING_INVALID', kind: 'usage' }, text);
  }
});
