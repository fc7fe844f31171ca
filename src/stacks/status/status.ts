import { LAYER_NAMES, type LayerName } from '../catalog.ts';
import { readDeployed } from '../cost/deployed.ts';
import { type MonthlyEstimate, estimateMonthly } from '../cost/estimate.ts';
import type { Settings } from '../settings.ts';
import type { Stage } from '../stage.ts';
import { type Check, type Verdict, worstOf } from './check.ts';
import { type DriftPorts, checkDrift } from './drift.ts';
import type { Look } from './look.ts';
import { checkHost } from './probes/host.ts';
import { checkDoors } from './probes/doors.ts';
import { checkEtl, checkIngest, checkSchedule } from './probes/functions.ts';
import { checkServer } from './probes/servers.ts';
import { checkAlarms, checkDeadLetters } from './probes/signals.ts';
import { checkStacks } from './probes/stacks.ts';
import { type StageView, type StatusPorts, isOurs, viewStage } from './stage-view.ts';

/**
 * The stage as a whole. `down`: events are turned away. `degraded`: something is wrong. `unknown`: nothing wrong was
 * seen, and not everything could be. `absent`: nothing is deployed.
 */
export type StageState = 'ok' | 'absent' | 'changing' | 'unknown' | 'degraded' | 'down';

export interface StatusReport {
  readonly stage: string;
  readonly state: StageState;
  readonly checks: readonly Check[];
  /** CloudFormation's own words; null: there is no such stack; undefined: it could not be seen. */
  readonly stacks: readonly { readonly layer: LayerName; readonly status: string | null | undefined }[];
  /** Of what is deployed; null when not every stack could be seen. */
  readonly monthly: MonthlyEstimate | null;
  /** Not a single stack could be seen, and why; else null. */
  readonly blind: { readonly reason: string; readonly fix: string | undefined } | null;
}

export interface StatusRequest {
  readonly stage: Stage;
  readonly settings: Settings;
  /** To tell how old the data is. */
  readonly now: Date;
  /** For each question. */
  readonly limitMs: number;
}

/**
 * Looks at every part of a stage, each alone, and changes nothing. Never throws: what cannot be seen is unknown.
 *
 * @param drift null: do not ask for drift, which takes minutes
 */
export async function readStatus(
  ports: StatusPorts,
  { stage, settings, now, limitMs }: StatusRequest,
  drift: DriftPorts | null,
): Promise<StatusReport> {
  const view = await viewStage({ ports, stage, settings, limitMs });
  const blind = blindnessOf(view);
  const checks = blind === null ? await runChecks(view, drift, now) : [];
  return {
    stage: stage.name,
    state: stateOf(checks, blind !== null),
    checks,
    stacks: LAYER_NAMES.map((layer) => ({ layer, status: statusOf(view.stacks.get(layer)!) })),
    monthly: costOf(view),
    blind,
  };
}

async function runChecks(view: StageView, drift: DriftPorts | null, now: Date): Promise<readonly Check[]> {
  const [host, ...checks] = await Promise.all([
    checkHost(view, now),
    ...(drift === null ? [] : [checkDrift(view, drift)]),
    checkDoors(view),
    checkServer(view, 'warehouse'),
    checkServer(view, 'web-db'),
    checkIngest(view),
    checkEtl(view),
    checkSchedule(view),
    checkAlarms(view),
    checkDeadLetters(view),
  ]);
  // Who does not want a web database is not told that there is none.
  return [checkStacks(view), ...checks, ...host].filter(
    ({ id, verdict }) => id !== 'web-db' || verdict !== 'absent' || view.settings.webDb,
  );
}

const STATES: Readonly<Record<Verdict, StageState>> = {
  ok: 'ok',
  absent: 'absent',
  busy: 'changing',
  unknown: 'unknown',
  warn: 'degraded',
  fail: 'degraded',
};

function stateOf(checks: readonly Check[], isBlind: boolean): StageState {
  if (isBlind) return 'unknown';
  if (checks.some(({ id, verdict }) => id === 'ingest' && verdict === 'fail')) return 'down';
  return STATES[worstOf(checks.map(({ verdict }) => verdict))];
}

function blindnessOf({ stacks }: StageView): StatusReport['blind'] {
  const looks = [...stacks.values()];
  const [first] = looks.filter((seen) => !seen.isSeen);
  return first === undefined || looks.some(({ isSeen }) => isSeen) ? null : first;
}

function statusOf(seen: Look<{ readonly status: string } | null>): string | null | undefined {
  return seen.isSeen ? (seen.value?.status ?? null) : undefined;
}

function costOf({ stacks, settings, stage }: StageView): MonthlyEstimate | null {
  const seen = [...stacks].flatMap(([layer, one]) =>
    one.isSeen
      ? [[layer, one.value !== null && isOurs(one.value, stage, layer) ? one.value : null] as const]
      : [],
  );
  if (seen.length < stacks.size) return null;
  const { input, layers } = readDeployed(new Map(seen), settings);
  return estimateMonthly(input, layers);
}
