import type { SbwError } from '../../../errors.ts';
import type { LayerName } from '../../catalog.ts';
import type { Region } from '../../ports/deploy/region.ts';
import type { DeployRequest } from '../plan/draft.ts';
import type { Facts } from '../plan/facts.ts';
import type { DeployPlan } from '../plan/plan.ts';
import { valuesOf } from '../plan/values.ts';
import { DEPLOY_ACTIONS } from './permissions.ts';

/** What was found out about one thing that could stop a deploy half-way. */
export interface Check {
  readonly name: string;
  readonly outcome: 'ok' | 'warn' | 'fail';
  /** '' for ok. */
  readonly detail: string;
  readonly fix: string | undefined;
}

type Verdict = Pick<Check, 'outcome' | 'detail'> & { readonly fix?: string };

/** What a region allows unless AWS was asked for more, which nobody can read without a further permission. */
const VPC_LIMIT = 5;
const ADDRESS_LIMIT = 5;
const NEW_ACCOUNT_CONCURRENCY = 10;

const OK: Verdict = { outcome: 'ok', detail: '' };
const warn = (detail: string, fix?: string): Verdict => ({
  outcome: 'warn',
  detail,
  ...(fix === undefined ? {} : { fix }),
});
const fail = (detail: string, fix: string): Verdict => ({ outcome: 'fail', detail, fix });

/**
 * Looks, side by side and in seconds, for what would make CloudFormation fail after minutes. Only what the plan is
 * going to need is looked at. A check that may not look says so as a warning: the deploy will tell.
 */
export async function checkBefore(
  region: Region,
  request: DeployRequest,
  facts: Facts,
  plan: DeployPlan,
): Promise<readonly Check[]> {
  const values = valuesOf(request.stage, request.settings, facts);
  const { settings } = request;
  const isNew = (layer: LayerName): boolean =>
    plan.layers.some((one) => one.layer === layer && (one.action === 'create' || one.action === 'recreate'));
  const isServerNew = isNew('warehouse') || isNew('web-db');
  const zone = values.availabilityZone ?? '';
  const wanted: readonly (readonly [name: string, isWanted: boolean, look: () => Promise<Verdict>])[] = [
    ['permissions', true, () => checkPermissions(region)],
    ['raw bucket name', isNew('storage'), () => checkBucket(region, values.rawBucketName ?? '', 'rawBucket')],
    [
      'assets bucket name',
      isNew('storage'),
      () => checkBucket(region, values.assetsBucketName ?? '', 'assetsBucket'),
    ],
    ['zone', isNew('network'), () => checkZone(region, zone)],
    [
      'warehouse server type',
      isNew('warehouse'),
      () => checkType(region, zone, settings.warehouseInstanceType, 'warehouse'),
    ],
    [
      'web database server type',
      isNew('web-db'),
      () => checkType(region, zone, settings.webDbInstanceType, 'webDb'),
    ],
    [
      'server image',
      isServerNew,
      () => checkImage(region, values.warehouseImageId ?? values.webDbImageId ?? ''),
    ],
    ['VPCs', isNew('network'), () => checkVpcs(region)],
    ['elastic addresses', isNew('web-db'), () => checkAddresses(region)],
    ['Lambda concurrency', isNew('etl'), async () => checkConcurrency(facts)],
  ];
  return Promise.all(
    wanted
      .filter(([, isWanted]) => isWanted)
      .map(async ([name, , look]) => ({ name, fix: undefined, ...(await attempt(look)) })),
  );
}

async function attempt(look: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await look();
  } catch (error) {
    return warn(`not told: ${(error as Error).message}`, (error as SbwError).fix);
  }
}

async function checkPermissions(region: Region): Promise<Verdict> {
  const denied = await region.deniedActions(DEPLOY_ACTIONS);
  if (denied === null) return warn('IAM does not tell what you may do');
  if (denied.length === 0) return OK;
  return fail(
    `you may not ${denied.slice(0, 8).join(', ')}${denied.length > 8 ? ', ...' : ''}`,
    'ask for these permissions',
  );
}

async function checkBucket(region: Region, name: string, setting: string): Promise<Verdict> {
  const state = await region.bucketName(name);
  if (state === 'free') return OK;
  return state === 'ours'
    ? fail(
        `${name} is in your account already, and no stack of this stage has it`,
        `empty and delete it if nobody needs it, or --set ${setting}=<another name>`,
      )
    : fail(
        `${name} belongs to another AWS account (bucket names are global)`,
        `--set ${setting}=<another name>`,
      );
}

async function checkZone(region: Region, zone: string): Promise<Verdict> {
  const zones = await region.zones();
  return zones.includes(zone)
    ? OK
    : fail(
        `${zone === '' ? 'no zone' : zone} cannot be used`,
        `--set availabilityZone=${zones[0] ?? '<zone>'}`,
      );
}

async function checkType(region: Region, zone: string, type: string, setting: string): Promise<Verdict> {
  const zones = await region.zonesWith(type);
  if (zones.includes(zone)) return OK;
  const where = zones.length === 0 ? 'nowhere in this region' : `only in ${zones.join(', ')}`;
  return fail(
    `${type} is not to be had in ${zone}, ${where}`,
    zones.length === 0 ? `--set ${setting}InstanceType=<type>` : `--set availabilityZone=${zones[0]}`,
  );
}

async function checkImage(region: Region, image: string): Promise<Verdict> {
  return (await region.hasImage(image))
    ? OK
    : fail(
        `${image === '' ? 'the image' : image} is not there, or not for you`,
        '--set image=<image id of this region>',
      );
}

async function checkVpcs(region: Region): Promise<Verdict> {
  const count = await region.vpcCount();
  return count < VPC_LIMIT
    ? OK
    : warn(`${count} VPCs are there; a region allows ${VPC_LIMIT} unless AWS was asked for more`);
}

async function checkAddresses(region: Region): Promise<Verdict> {
  const count = await region.addressCount();
  return count < ADDRESS_LIMIT
    ? OK
    : warn(
        `${count} elastic addresses are there; a region allows ${ADDRESS_LIMIT} unless AWS was asked for more`,
      );
}

function checkConcurrency({ concurrency }: Facts): Verdict {
  return concurrency === null || concurrency.limit > NEW_ACCOUNT_CONCURRENCY
    ? OK
    : warn(`the account runs at most ${concurrency.limit} Lambdas at once; none is reserved for the ETL`);
}
