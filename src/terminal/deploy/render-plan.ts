import type { PlanCost } from '../../stacks/cost/plan-cost.ts';
import type { Check } from '../../stacks/deploy/preflight/checks.ts';
import type { PlannedChange } from '../../stacks/deploy/plan/change.ts';
import {
  type DeployPlan,
  type LayerPlan,
  changesAtRisk,
  countChanges,
  hasWork,
} from '../../stacks/deploy/plan/plan.ts';
import { formatBytes, formatCountOf } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

/** The first line of every deploy: where it goes. */
export function formatPlace(
  { stage, account, region }: Pick<DeployPlan, 'stage' | 'account' | 'region'>,
  profile: string | undefined,
): string {
  const digits = oneLine(account).replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
  const as = profile === undefined ? '' : ` (profile ${oneLine(profile)})`;
  return `sbw deploy   stage ${stage}   account ${digits}${as}   ${oneLine(region)}`;
}

/** What a deploy will do: counts, then stack by stack, replacements and deletions one by one. */
export function formatDeployPlan(plan: DeployPlan, cost: PlanCost | null = null): string {
  if (!hasWork(plan))
    return `Plan ${plan.id}   nothing to do: ${formatCountOf(plan.layers.length, 'stack')} up to date`;
  const counts = Object.entries(countChanges(plan.layers))
    .filter(([kind, count]) => count > 0 || kind !== 'import')
    .map(([kind, count]) => `${count} ${kind}`);
  const atRisk = changesAtRisk(plan);
  const risk =
    atRisk.length === 0
      ? 'no data at risk'
      : paint.red(`${formatCountOf(atRisk.length, 'resource')} WITH DATA AT RISK`);
  const changing = plan.layers.filter(({ action }) => action !== 'none');
  return [
    `Plan ${plan.id}   ${formatCountOf(changing.length, 'stack')}   ${counts.join('  ')}   ${risk}`,
    ...changing.flatMap(formatLayer),
    ...formatSteps(plan),
    ...(cost === null ? [] : formatCost(cost)),
  ].join('\n');
}

/** Of the layers' titles. */
const TITLE_WIDTH = 12;

const ACTIONS = { create: 'create', recreate: 'again', update: 'update', none: 'keep' } as const;

function formatLayer({ title, action, changes, before, isSettled, stackName }: LayerPlan): string[] {
  const created = changes.filter(({ kind }) => kind === 'create').length;
  // Of a new stack the count says enough; what happens to things that are there is told one by one.
  const shown = action === 'update' ? changes : changes.filter(({ kind }) => kind === 'delete');
  const size =
    action === 'update' ? formatCountOf(changes.length, 'change') : formatCountOf(created, 'resource');
  const more = action === 'update' && !isSettled ? ', more may follow from what comes before it' : '';
  const failed =
    action === 'recreate' ? `; its first try ended ${before?.status ?? 'badly'} and is deleted` : '';
  return [
    `  ${ACTIONS[action].padEnd(7)} ${oneLine(title).padEnd(TITLE_WIDTH)}  ${paint.dim(stackName)}  ${size}${more}${failed}`,
    ...shown.map(formatChange),
  ];
}

function formatChange(change: PlannedChange): string {
  const { kind, title, physicalId, causes, isConditional, isRestart, isDataAtRisk } = change;
  const id = physicalId === '' ? '' : ` (${oneLine(physicalId, 80)})`;
  const why = causes.length === 0 ? '' : `  ${oneLine(causes.join(', '), 120)}`;
  const notes = [
    ...(isConditional ? ['perhaps'] : []),
    ...(isRestart ? ['restarts'] : []),
    ...(isDataAtRisk ? [paint.red('DATA AT RISK')] : []),
  ];
  const isLoud = kind === 'replace' || kind === 'delete';
  const word = isLoud ? paint.yellow(kind.toUpperCase()) : kind;
  return `            ${word} ${oneLine(title)}${id}${why}${notes.length === 0 ? '' : `  ${notes.join(', ')}`}`;
}

/** A new server comes with the release. */
function isNewHost(layers: readonly LayerPlan[]): boolean {
  return layers.some(
    ({ layer, action }) => layer === 'warehouse' && (action === 'create' || action === 'recreate'),
  );
}

function formatSteps({ steps, layers }: DeployPlan): string[] {
  const bytes = steps.uploads.reduce((sum, upload) => sum + upload.bytes, 0);
  const said = [
    ...(steps.secrets.length > 0 ? [`make ${formatCountOf(steps.secrets.length, 'secret')}`] : []),
    ...(steps.uploads.length > 0
      ? [`upload ${formatCountOf(steps.uploads.length, 'file')} (${formatBytes(bytes)})`]
      : []),
    ...(steps.buildsBundle ? ['build the package bundle'] : []),
    ...(steps.updatesHost && !isNewHost(layers) ? ['bring the release to the warehouse'] : []),
    ...(steps.smokeTest ? ['smoke test'] : []),
    ...(steps.protects ? ['protect the stacks against deletion'] : []),
    ...(steps.schedule === 'none' ? [] : [`${steps.schedule} the schedule`]),
  ];
  return said.length === 0 ? [] : [`  also    ${said.join(', ')}`];
}

/** Whole dollars but for small sums: an estimate knows no cents. */
function formatCost({ before, after, largest, isComplete, pricesOf }: PlanCost): string[] {
  const round = (usd: number): string => `$${usd !== 0 && usd < 9.995 ? usd.toFixed(2) : Math.round(usd)}`;
  const parts = largest.map(({ title, usd }) => `${title} ${usd === null ? 'unknown' : round(usd)}`);
  const about = isComplete ? 'about' : 'at least';
  return [
    `  cost    ${round(before)} -> ${about} ${round(after)} a month   (prices of ${pricesOf}; all lines: sbw cost)`,
    `          ${parts.join(', ')}`,
  ];
}

/** `Pre-flight  14 checks passed in 6 s`, and what did not. */
export function formatChecks(checks: readonly Check[], seconds: number): string {
  const bad = checks.filter(({ outcome }) => outcome !== 'ok');
  const passed = formatCountOf(checks.length - bad.length, 'check');
  return [
    `Pre-flight   ${passed} passed in ${seconds.toFixed(0)} s`,
    ...bad.flatMap(({ name, outcome, detail, fix }) => [
      `  ${outcome === 'fail' ? paint.red('FAIL') : paint.yellow('WARN')}  ${name}: ${oneLine(detail, 300)}`,
      ...(fix === undefined ? [] : [`        fix  ${oneLine(fix, 300)}`]),
    ]),
  ].join('\n');
}
