import type { FakeAws } from '../../fakes/aws/fake-aws.ts';

/** What src/instance/provision/health.py says of a server on which all is well. */
export const healthyAt = (now: Date) => ({
  dashboard: { status: 'ok', ms: 41 },
  warehouse: {
    data_up_to: new Date(now.getTime() - 55 * 60_000).toISOString() as string | null,
    events: 40_911,
    hours_behind: 0,
    quarantined: 0,
  },
  machine: {
    data_disk_percent: 12,
    system_disk_percent: 31,
    certificate_days: 364,
    failed_units: [] as string[],
  },
});

/** From now on, servers answer so to `sbw-host health`; any other command succeeds and says nothing. */
export function answerHealth(aws: FakeAws, health: unknown): void {
  const stdout = typeof health === 'string' ? health : `${JSON.stringify(health)}\n`;
  aws.onCommand((_id, lines) => ({
    ...{ stderr: '', exitCode: 0, minutes: 0.001 },
    stdout: lines.join('').includes('sbw-host health') ? stdout : '',
  }));
}
