import type { CommandResult } from '../../ports/deploy/pipeline.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { type Look, look } from '../look.ts';
import { type StageView, checkLayer } from '../stage-view.ts';

/** src/instance/provision/health.py prints it; a part that did not answer has a `problem`. */
interface HostHealth {
  readonly dashboard: { readonly status: string; readonly ms: number } | Problem;
  readonly warehouse: WarehouseHealth | Problem;
  readonly machine: MachineHealth | Problem;
}

interface WarehouseHealth {
  /** Of the newest event; null: none was loaded yet. */
  readonly data_up_to: string | null;
  readonly events: number;
  /** Loaded hours that the rollups lack. */
  readonly hours_behind: number;
  readonly quarantined: number;
}

interface MachineHealth {
  /** Of the data volume, and of the volume with the system and its logs. */
  readonly data_disk_percent: number;
  readonly system_disk_percent: number;
  /** Of PostgreSQL's certificate: whole days until it ends. */
  readonly certificate_days: number;
  readonly failed_units: readonly string[];
}

interface Problem {
  readonly problem: string;
}

const QUESTION = 'sbw-host health';
const ANSWER_SECONDS = 5;
/** As the dashboard judges: src/instance/dashboard/sql/quality/checks.sql. */
const OLD_MINUTES = { warn: 2 * 60, fail: 6 * 60 };
const FULL_PERCENT = { warn: 80, fail: 90 };
/** It is renewed 60 days before its end: fewer mean that this did not work. */
const CERTIFICATE_DAYS = 50;

/**
 * Whether events arrive in the warehouse, whether the dashboard shows them, and how long the server can go on: it is
 * asked through its agent, once. @param now to tell how old the data is
 */
export async function checkHost(view: StageView, now: Date): Promise<readonly Check[]> {
  let answer: ReturnType<typeof ask> | undefined;
  const check = (id: string, mean: (health: HostHealth) => Finding[]): Promise<Check> =>
    checkLayer(view, id, 'warehouse', async ({ outputs }) => {
      const seen = await (answer ??= ask(view, outputs['InstanceId'] ?? ''));
      return checkOf(
        id,
        seen.isSeen ? mean(seen.value) : [finding('unknown', `unknown, ${seen.reason}`, seen.fix)],
      );
    });
  return Promise.all([
    check('data', ({ warehouse }) => judgeData(view, warehouse, now)),
    check('dashboard', ({ dashboard }) => [judgeDashboard(view, dashboard)]),
    check('host', ({ machine }) => judgeMachine(view, machine)),
  ]);
}

function ask({ limitMs, ports }: StageView, instanceId: string): Promise<Look<HostHealth>> {
  return look(limitMs, async () =>
    readAnswer(await ports.servers.run(instanceId, [QUESTION], ANSWER_SECONDS)),
  );
}

/** @throws Error with the reason why nothing can be told */
function readAnswer(result: CommandResult | null): HostHealth {
  if (result === null) throw new Error('the agent of the server does not answer');
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  const reason = said === '' ? 'its release is older than this sbw' : said;
  if (!result.stdout.startsWith('{')) throw new Error(`the server cannot tell: ${reason}`);
  return JSON.parse(result.stdout) as HostHealth;
}

function judgeData({ stage }: StageView, warehouse: HostHealth['warehouse'], now: Date): Finding[] {
  if ('problem' in warehouse) {
    return [finding('fail', `PostgreSQL does not answer: ${warehouse.problem}`, hostFix(stage.name))];
  }
  const { data_up_to: upTo, events, hours_behind: behind, quarantined } = warehouse;
  return [
    upTo === null ? finding('ok', 'no events yet') : judgeAge(stage.name, upTo, now),
    ...(events > 0 ? [finding('ok', `${formatCount(events)} events`)] : []),
    ...(behind > 0 ? [finding('warn', `${behind} loaded hours not counted yet: the next load does it`)] : []),
    // Kept, and replayed when somebody finds the time: a rejected event makes no stage a bad one.
    ...(quarantined > 0 ? [finding('ok', `${formatCount(quarantined)} in quarantine`)] : []),
  ];
}

function judgeAge(stage: string, upTo: string, now: Date): Finding {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(upTo)) / 60_000));
  const text = `up to ${upTo.slice(0, 16)}Z, ${ageOf(minutes)} ago`;
  if (minutes < OLD_MINUTES.warn) return finding('ok', text);
  // A quiet night looks the same from here.
  const fix = `sbw tunnel shiny --stage ${stage} --open   Data quality tells which hours are not loaded`;
  return finding(minutes < OLD_MINUTES.fail ? 'warn' : 'fail', text, fix);
}

function judgeDashboard({ stage }: StageView, dashboard: HostHealth['dashboard']): Finding {
  const fix = hostFix(stage.name);
  if ('problem' in dashboard) return finding('fail', `does not answer: ${dashboard.problem}`, fix);
  if (dashboard.status === 'ok') return finding('ok', `answers in ${dashboard.ms} ms`);
  return finding('fail', `answers, and cannot read the warehouse: ${dashboard.status}`, fix);
}

function judgeMachine({ stage }: StageView, machine: HostHealth['machine']): Finding[] {
  if ('problem' in machine) return [finding('unknown', `unknown: ${machine.problem}`)];
  const { certificate_days: days, failed_units: failed } = machine;
  const grow = `sbw deploy --stage ${stage.name} --set warehouseVolumeGb=...   makes it larger while it runs`;
  const again = hostFix(stage.name);
  return [
    judgeDisk('data disk', machine.data_disk_percent, grow),
    judgeDisk('system disk', machine.system_disk_percent, again),
    days < CERTIFICATE_DAYS
      ? finding(days < 1 ? 'fail' : 'warn', `the certificate ends in ${days} days and was not renewed`, again)
      : finding('ok', `certificate good for ${days} days`),
    ...failed.map((unit) => finding('fail', `${unit} failed`, again)),
  ];
}

function judgeDisk(name: string, percent: number, fix: string): Finding {
  const text = `${name} ${percent} % full`;
  if (percent < FULL_PERCENT.warn) return finding('ok', text);
  return finding(percent < FULL_PERCENT.fail ? 'warn' : 'fail', text, fix);
}

const hostFix = (stage: string): string =>
  `sbw host update --stage ${stage}   runs the server's steps again, and says which of them fails`;

const formatCount = (count: number): string => count.toLocaleString('en-US');

function ageOf(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}
