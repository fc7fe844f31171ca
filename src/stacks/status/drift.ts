import { LAYER_NAMES, type LayerName } from '../catalog.ts';
import type { CloudFormation, ResourceDrift, StackDescription } from '../ports/cloudformation.ts';
import { isStanding, ruleOf } from '../stack-status.ts';
import { type Check, type Finding, checkOf, finding } from './check.ts';
import { type Look, judge, look } from './look.ts';
import { type StageView, isOurs } from './stage-view.ts';

export interface DriftPorts {
  readonly cloudFormation: Pick<CloudFormation, 'detectDrift' | 'driftOf'>;
  readonly clock: { sleep(ms: number): Promise<void> };
  /** For one stack: CloudFormation asks after every resource, which takes it minutes. */
  readonly limitMs: number;
}

const POLL_MS = 3000;

/** Whatever differs from the templates. Stacks that change now cannot be asked. Never throws. */
export async function checkDrift(view: StageView, ports: DriftPorts): Promise<Check> {
  const standing = LAYER_NAMES.flatMap((layer) => {
    const seen = view.stacks.get(layer)!;
    if (!seen.isSeen || seen.value === null || !isStanding(seen.value.status)) return [];
    return isOurs(seen.value, view.stage, layer) ? [[layer, seen.value] as const] : [];
  });
  if (standing.length === 0) return checkOf('drift', [finding('absent', 'nothing is deployed')]);
  const looks = await Promise.all(
    standing.map(async ([layer, stack]) => [layer, await lookForDrift(ports, stack)] as const),
  );
  const findings = looks.map(([layer, seen]) => judge(layer, seen, (drifts) => judgeDrift(layer, drifts)));
  const details = looks.flatMap(([layer, seen]) =>
    seen.isSeen ? seen.value.flatMap((one) => tell(layer, one)) : [],
  );
  const isClean = findings.every(({ verdict }) => verdict === 'ok');
  return checkOf('drift', isClean ? [finding('ok', `none in ${findings.length} stacks`)] : findings, details);
}

function lookForDrift(
  { cloudFormation, clock, limitMs }: DriftPorts,
  { id, status }: StackDescription,
): Promise<Look<readonly ResourceDrift[]>> {
  let isOver = false;
  return look(limitMs, async () => {
    if (ruleOf(status).action === 'wait') throw new Error('it is being changed');
    const detection = await cloudFormation.detectDrift(id);
    for (;;) {
      const found = await cloudFormation.driftOf(detection);
      if (found !== null) return found.flatMap(withoutOurs);
      // Nobody listens any more.
      if (isOver) return [];
      await clock.sleep(POLL_MS);
    }
  }).finally(() => (isOver = true));
}

/** The schedule is made switched off, and switched on after the smoke test. */
function withoutOurs(drift: ResourceDrift): ResourceDrift[] {
  if (drift.type !== 'AWS::Events::Rule' || drift.status === 'DELETED') return [drift];
  const differences = drift.differences.filter(({ path }) => path !== '/State');
  return differences.length === 0 ? [] : [{ ...drift, differences }];
}

function judgeDrift(layer: LayerName, drifts: readonly ResourceDrift[]): Finding {
  if (drifts.length === 0) return finding('ok', layer);
  const isBad = drifts.some((drift) => drift.status === 'DELETED' || isOpen(drift));
  return finding(isBad ? 'fail' : 'warn', `${layer}: ${drifts.map(({ logicalId }) => logicalId).join(', ')}`);
}

function isOpen({ differences }: ResourceDrift): boolean {
  return differences.some(({ actual, expected }) => OPEN.test(actual) && !OPEN.test(expected));
}

const OPEN = /\b0\.0\.0\.0\/0|::\/0/;

function tell(layer: LayerName, drift: ResourceDrift): string[] {
  const { logicalId, physicalId, status, differences } = drift;
  const what = `${layer} ${logicalId} (${physicalId})`;
  if (status === 'DELETED') return [`${what} was deleted by hand`];
  return [
    ...(isOpen(drift) ? [`${what} is open to the whole internet`] : []),
    ...differences.map(({ path, expected, actual }) => `${what} ${path}: ${actual}, template: ${expected}`),
  ];
}
