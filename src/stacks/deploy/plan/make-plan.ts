import { type LayerName, layerOf } from '../../catalog.ts';
import { lacksProtection } from '../../protection.ts';
import { isStanding } from '../../stack-status.ts';
import { resourcesMade } from '../template/conditions.ts';
import { type PlannedChange, changesOf, creationsOf, removalsOf } from './change.ts';
import { type DeployRequest, type LayerDraft, draftLayers } from './draft.ts';
import type { Facts, Previews } from './facts.ts';
import { type DeployPlan, type LayerPlan, type PlannedSteps, identifyPlan } from './plan.ts';
import { releaseOf } from '../steps/host.ts';
import { neededSecrets, readsServer } from '../steps/secrets.ts';
import { valuesOf } from './values.ts';

/** Layers whose change is worth a test of the whole. */
const TESTED: readonly LayerName[] = ['storage', 'network', 'warehouse', 'ingest', 'etl'];

export interface PlanOptions {
  readonly madeAt: Date;
  /** False: the schedule is enabled without the test. */
  readonly isTested: boolean;
}

/** Pure: the same request, facts and previews give the same plan, whose id is the same then. */
export function makePlan(
  request: DeployRequest,
  facts: Facts,
  previews: Previews,
  { madeAt, isTested }: PlanOptions,
): DeployPlan {
  const layers: LayerPlan[] = [];
  for (const draft of draftLayers(request, facts)) {
    const changing = layers.filter(({ action }) => action !== 'none').map(({ layer }) => layer);
    layers.push(planLayer(draft, facts, previews, changing));
  }
  const { account, region } = facts.place;
  const steps = planSteps(request, facts, layers, isTested);
  return identifyPlan({ stage: request.stage.name, account, region, madeAt, layers, steps });
}

function planLayer(
  draft: LayerDraft,
  facts: Facts,
  previews: Previews,
  changing: readonly LayerName[],
): LayerPlan {
  const { layer, stackName, before, parameters, isKnown } = draft;
  const template = facts.templates.get(layer)!;
  const { data, typicalMinutes } = layerOf(layer);
  const preview = previews.get(layer) ?? null;
  const action =
    draft.action === 'compare' ? (preview === null && isKnown ? 'none' : 'update') : draft.action;
  const changes: readonly PlannedChange[] =
    action === 'create' || action === 'recreate'
      ? [
          ...removalsOf(facts.remains.get(layer) ?? [], template, data),
          ...creationsOf(resourcesMade(template, parameters)),
        ]
      : changesOf(preview ?? [], template, data).map((change) => withoutRisk(change, layer, facts));
  const { title, about, hash } = template;
  return {
    ...{ layer, title, about, stackName, action, before, parameters, typicalMinutes },
    templateHash: hash,
    isSettled: isKnown && !isBehind(layer, changing),
    changes,
  };
}

/** Of a server that is gone already nothing can be lost; its data are on the volume. */
function withoutRisk(change: PlannedChange, layer: LayerName, { isServerGone }: Facts): PlannedChange {
  const isGone = isServerGone && layer === 'warehouse' && change.logicalId === 'Server';
  return isGone ? { ...change, isDataAtRisk: false } : change;
}

/** Whether it needs, directly or not, one of the layers. */
function isBehind(layer: LayerName, others: readonly LayerName[]): boolean {
  return layerOf(layer).needs.some((need) => others.includes(need) || isBehind(need, others));
}

function planSteps(
  request: DeployRequest,
  facts: Facts,
  layers: readonly LayerPlan[],
  isTested: boolean,
): PlannedSteps {
  const changing = layers.filter(({ action }) => action !== 'none').map(({ layer }) => layer);
  const isRequested = (layer: LayerName): boolean => request.layers.includes(layer);
  const willStand = (layer: LayerName): boolean =>
    isRequested(layer) || isStanding(facts.stacks.get(layer)?.status ?? 'DELETE_COMPLETE');
  const isWhole = (['storage', 'warehouse', 'ingest', 'etl'] as const).every(willStand);
  const secrets = neededSecrets(request.layers).filter((name) => !facts.secrets.has(name));
  const schedule = planSchedule(request, facts, changing.includes('etl'));
  return {
    secrets,
    uploads: facts.assets.filter(({ isUploaded }) => !isUploaded).map(({ key, bytes }) => ({ key, bytes })),
    buildsBundle: isRequested('warehouse') && facts.bundle === null,
    updatesHost: isRequested('warehouse') && isHostBehind(request, facts, layers, secrets),
    // A deploy that was killed before its test left the schedule off: the test is made up for.
    smokeTest:
      isTested && isWhole && (changing.some((layer) => TESTED.includes(layer)) || schedule === 'enable'),
    protects: facts.isProtected && willLackProtection(facts, layers),
    schedule,
  };
}

/** Also when it only has to read a secret again, or another server comes in its place. */
function isHostBehind(
  { stage, settings }: DeployRequest,
  facts: Facts,
  layers: readonly LayerPlan[],
  secrets: readonly string[],
): boolean {
  const { changes = [] } = layers.find(({ layer }) => layer === 'warehouse') ?? {};
  const instanceId = facts.stacks.get('warehouse')?.outputs['InstanceId'] ?? null;
  const release = releaseOf(valuesOf(stage, settings, facts), instanceId);
  return (
    release === null ||
    release !== facts.hostRelease ||
    secrets.some(readsServer) ||
    changes.some(({ logicalId, kind }) => logicalId === 'Server' && kind === 'replace')
  );
}

function willLackProtection({ stacks }: Facts, layers: readonly LayerPlan[]): boolean {
  const isMade = layers.some(({ action }) => action === 'create' || action === 'recreate');
  return isMade || [...stacks.values()].some((stack) => stack !== null && lacksProtection(stack));
}

function planSchedule(
  { settings, layers }: DeployRequest,
  { isRuleEnabled }: Facts,
  etlChanges: boolean,
): PlannedSteps['schedule'] {
  if (!layers.includes('etl')) return 'none';
  // The template makes the rule disabled, and an update of it may set that again.
  if (settings.scheduleEnabled) return isRuleEnabled !== true || etlChanges ? 'enable' : 'none';
  return isRuleEnabled === true ? 'disable' : 'none';
}
