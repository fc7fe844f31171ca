import { SbwError } from '../../../errors.ts';
import { LAYER_NAMES, type LayerName } from '../../catalog.ts';
import type { StackDescription, StackResource } from '../../ports/cloudformation.ts';
import { readProtection } from '../../protection.ts';
import { isStanding, ruleOf } from '../../stack-status.ts';
import { LAYER_TAG, STAGE_TAG, type Stage, parameterPath, stackNameOf } from '../../stage.ts';
import { readAssets } from '../steps/assets.ts';
import { readRelease } from '../steps/host.ts';
import type { DeployPorts, Place } from '../ports.ts';
import { type Template, readTemplate } from '../template/read-template.ts';
import type { DeployRequest } from './draft.ts';
import type { Asset, Facts } from './facts.ts';
import { bucketNames, valuesOf } from './values.ts';

/**
 * Looks at everything that the plan hangs on, and changes nothing.
 *
 * @throws SbwError STACK_NOT_OURS (refused) when somebody else's stack has one of our names
 */
export async function gather(ports: DeployPorts, request: DeployRequest, place: Place): Promise<Facts> {
  const { stage, settings, layers } = request;
  const stacks = await findStacks(ports, stage);
  const known = { place, stacks, zone: null, newestImage: null, concurrency: null, isRuleEnabled: null };
  const [templates, deployed, files, secrets, choices, remains, hostRelease, isServerGone, { isProtected }] =
    await Promise.all([
      readTemplates(ports, layers),
      readDeployed(ports, stacks, layers),
      readAssets(ports.packageFiles, layers),
      readSecretNames(ports, stage),
      lookUpChoices(ports, request, stacks),
      findRemains(ports, stacks, layers),
      readRelease(ports.parameters, stage),
      findServerGone(ports, request, stacks),
      // A stack that is protected by itself alone says nothing of the others.
      readProtection({ protection: ports.parameters }, stage, []),
    ]);
  const assets = files.map((file) => ({ ...file, isUploaded: false }));
  const facts: Facts = {
    ...{ ...known, ...choices, templates, deployed, remains, assets, secrets, hostRelease, isProtected },
    ...{ isServerGone, bundle: null },
  };
  if (!isStanding(stacks.get('storage')?.status ?? 'DELETE_COMPLETE')) return facts;
  const bucket = bucketNames(valuesOf(stage, settings, facts)).assets;
  return { ...facts, ...(await lookIntoBucket(ports, bucket, assets, request.renewsPackages ?? false)) };
}

/** Every layer of the stage, asked for or not. */
export async function findStacks(
  { cloudFormation }: Pick<DeployPorts, 'cloudFormation'>,
  stage: Stage,
): Promise<ReadonlyMap<LayerName, StackDescription | null>> {
  return new Map(
    await Promise.all(
      LAYER_NAMES.map(async (layer) => {
        const stack = await cloudFormation.describeStack(stackNameOf(stage, layer));
        if (stack !== null && stack.status !== 'REVIEW_IN_PROGRESS') requireOurs(stack, stage, layer);
        return [layer, stack] as const;
      }),
    ),
  );
}

function requireOurs({ name, tags }: StackDescription, stage: Stage, layer: LayerName): void {
  if (tags[STAGE_TAG] === stage.name && tags[LAYER_TAG] === layer) return;
  throw new SbwError('STACK_NOT_OURS', `There is a stack ${name} that sbw did not make.`, {
    kind: 'refused',
    fix: 'deploy another stage: --stage <name>',
  });
}

async function readTemplates(
  { packageFiles }: DeployPorts,
  layers: readonly LayerName[],
): Promise<ReadonlyMap<LayerName, Template>> {
  return new Map(
    await Promise.all(
      layers.map(async (layer) => [layer, readTemplate(layer, await packageFiles.template(layer))] as const),
    ),
  );
}

async function readDeployed(
  { cloudFormation }: DeployPorts,
  stacks: Facts['stacks'],
  layers: readonly LayerName[],
): Promise<ReadonlyMap<LayerName, string>> {
  const standing = layers.flatMap((layer) => {
    const stack = stacks.get(layer);
    return stack != null && isStanding(stack.status) ? [{ layer, id: stack.id }] : [];
  });
  return new Map(
    await Promise.all(
      standing.map(async ({ layer, id }) => [layer, await cloudFormation.template(id)] as const),
    ),
  );
}

async function findRemains(
  { cloudFormation }: DeployPorts,
  stacks: Facts['stacks'],
  layers: readonly LayerName[],
): Promise<Facts['remains']> {
  const failed = layers.flatMap((layer) => {
    const stack = stacks.get(layer);
    return stack != null && ruleOf(stack.status).action === 'delete-and-retry'
      ? [{ layer, id: stack.id }]
      : [];
  });
  return new Map(
    await Promise.all(
      failed.map(async ({ layer, id }) => {
        const resources = await cloudFormation.listResources(id);
        const isLeft = ({ physicalId, status }: StackResource): boolean =>
          physicalId !== '' && status !== 'DELETE_COMPLETE';
        return [layer, resources.filter(isLeft)] as const;
      }),
    ),
  );
}

async function readSecretNames({ parameters }: DeployPorts, stage: Stage): Promise<ReadonlySet<string>> {
  const path = parameterPath(stage);
  return new Set([...(await parameters.names(path))].map((name) => name.slice(path.length)));
}

async function findServerGone(
  { servers }: DeployPorts,
  { layers }: DeployRequest,
  stacks: Facts['stacks'],
): Promise<boolean> {
  const stack = stacks.get('warehouse');
  const instanceId = stack?.outputs['InstanceId'];
  if (instanceId === undefined || !layers.includes('warehouse') || !isStanding(stack!.status)) return false;
  return servers.isGone(instanceId);
}

/** Choices that are made once; nobody is asked about those that are made already. */
async function lookUpChoices(
  { region, pipeline }: DeployPorts,
  { settings, layers }: DeployRequest,
  stacks: Facts['stacks'],
): Promise<Pick<Facts, 'zone' | 'newestImage' | 'concurrency' | 'isRuleEnabled'>> {
  const isNew = (layer: LayerName): boolean =>
    layers.includes(layer) && !isStanding(stacks.get(layer)?.status ?? 'DELETE_COMPLETE');
  const needsZone = isNew('network') && settings.availabilityZone === null;
  const needsImage = (isNew('warehouse') || isNew('web-db')) && settings.image === null;
  const ruleName = stacks.get('etl')?.outputs['RuleName'];
  const [zone, newestImage, concurrency, isRuleEnabled] = await Promise.all([
    needsZone ? chooseZone(region, [settings.warehouseInstanceType, settings.webDbInstanceType]) : null,
    needsImage ? region.newestImage() : null,
    isNew('etl') ? region.concurrency() : null,
    ruleName === undefined ? null : pipeline.isRuleEnabled(ruleName),
  ]);
  return { zone, newestImage, concurrency, isRuleEnabled };
}

/** The first that has all the types; else the first, and pre-flight says what is missing there. */
async function chooseZone(region: DeployPorts['region'], types: readonly string[]): Promise<string | null> {
  const [zones, ...offers] = await Promise.all([
    region.zones(),
    ...types.map((type) => region.zonesWith(type)),
  ]);
  return zones.find((zone) => offers.every((offer) => offer.includes(zone))) ?? zones[0] ?? null;
}

async function lookIntoBucket(
  { assetStore, hostBundle }: DeployPorts,
  bucket: string,
  assets: readonly Asset[],
  renewsPackages: boolean,
): Promise<Pick<Facts, 'assets' | 'bundle'>> {
  const source = assets.find(({ name }) => name === 'bundle-source');
  const [bundle, uploaded] = await Promise.all([
    source === undefined || renewsPackages ? null : hostBundle.find(bucket, source.key),
    Promise.all(
      assets.map(async (asset) => ({ ...asset, isUploaded: await assetStore.has(bucket, asset.key) })),
    ),
  ]);
  return { assets: uploaded, bundle };
}
