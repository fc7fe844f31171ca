import { type LayerName, type Source, type ValueName, layerOf } from '../../catalog.ts';
import type { StackDescription } from '../../ports/cloudformation.ts';
import type { AssetName } from '../../ports/deploy/assets.ts';
import type { Settings } from '../../settings.ts';
import type { Stage } from '../../stage.ts';
import type { Facts } from './facts.ts';

/** Null: not known before something else is made. */
export type Values = Readonly<Record<ValueName, string | null>>;

/** Lambda keeps this much for functions that reserve nothing; new accounts have no more than that in all. */
const UNRESERVED_MINIMUM = 100;

/**
 * Every value that sbw gives to templates. Choices made once stay made: zone and images of a stack that is there
 * are kept, since a newer one would replace its servers.
 */
export function valuesOf(stage: Stage, settings: Settings, facts: Facts): Values {
  const { account, region } = facts.place;
  const kept = (layer: LayerName, parameter: string): string | null =>
    facts.stacks.get(layer)?.parameters[parameter] ?? null;
  const bucketName = (start: string): string => `${start}${stage.suffix}-${account}-${region}`;
  const asset = (name: AssetName) => facts.assets.find((one) => one.name === name);
  const [cidr1 = '', cidr2 = '', cidr3 = '', cidr4 = ''] = settings.webDbCidrs;
  return {
    rawBucketName:
      settings.rawBucket ?? kept('storage', 'RawBucketName') ?? bucketName('clickstream-s3-ingest'),
    assetsBucketName:
      settings.assetsBucket ?? kept('storage', 'AssetsBucketName') ?? bucketName('clickstream-s3-sbw'),
    rawNoncurrentDays: String(settings.rawNoncurrentDays),
    availabilityZone: settings.availabilityZone ?? kept('network', 'AvailabilityZone') ?? facts.zone,
    ec2Messages: String(settings.ec2Messages),
    warehouseImageId: settings.image ?? kept('warehouse', 'ImageId') ?? facts.newestImage,
    warehouseGeneration: generation(kept('warehouse', 'ServerGeneration'), facts.isServerGone),
    warehouseInstanceType: settings.warehouseInstanceType,
    warehouseVolumeGb: String(settings.warehouseVolumeGb),
    webDbImageId: settings.image ?? kept('web-db', 'ImageId') ?? facts.newestImage,
    webDbInstanceType: settings.webDbInstanceType,
    webDbVolumeGb: String(settings.webDbVolumeGb),
    ...{ webDbCidr1: cidr1, webDbCidr2: cidr2, webDbCidr3: cidr3, webDbCidr4: cidr4 },
    allowedOrigins: settings.allowedOrigins.join(','),
    throttleRate: String(settings.throttleRate),
    throttleBurst: String(settings.throttleBurst),
    scheduleExpression: settings.schedule,
    reservedConcurrency: kept('etl', 'ReservedConcurrency') ?? reservation(facts.concurrency),
    alarmEmail: settings.alarmEmail ?? '',
    logDays: String(settings.logDays),
    ingestCodeKey: asset('ingest')?.key ?? null,
    etlCodeKey: asset('etl')?.key ?? null,
    bundleSourceKey: asset('bundle-source')?.key ?? null,
    bundleKey: facts.bundle?.key ?? null,
    bundleSha256: facts.bundle?.sha256 ?? null,
    provisionKey: asset('provision')?.key ?? null,
    provisionSha256: asset('provision')?.sha256 ?? null,
  };
}

/** One run of the ETL at a time, where the account has the room to say so; its locks hold everywhere else. */
function reservation(concurrency: Facts['concurrency']): string {
  return concurrency !== null && concurrency.unreserved - 1 >= UNRESERVED_MINIMUM ? '1' : '';
}

/** The other one of the two, when the server has to be made anew: see the template. */
function generation(kept: string | null, isServerGone: boolean): string {
  const current = kept ?? '1';
  if (!isServerGone) return current;
  return current === '1' ? '2' : '1';
}

/** The buckets' names, which are known before there is anything. */
export function bucketNames(values: Values): { readonly raw: string; readonly assets: string } {
  return { raw: values.rawBucketName ?? '', assets: values.assetsBucketName ?? '' };
}

export type Outputs = ReadonlyMap<LayerName, Readonly<Record<string, string>>>;

/** A template's parameters, all of them, always. Null: not known yet. */
export function parametersOf(
  stage: Stage,
  layer: LayerName,
  values: Values,
  outputs: Outputs,
): Readonly<Record<string, string | null>> {
  const read = (source: Source): string | null =>
    source.from === 'value' ? values[source.value] : (outputs.get(source.layer)?.[source.output] ?? null);
  const parameters: Record<string, string | null> = { Stage: stage.name, NameSuffix: stage.suffix };
  for (const [name, source] of Object.entries(layerOf(layer).parameters)) parameters[name] = read(source);
  return parameters;
}

/** What stacks give to others now. */
export function outputsOf(stacks: ReadonlyMap<LayerName, StackDescription | null>): Outputs {
  return new Map([...stacks].flatMap(([layer, stack]) => (stack === null ? [] : [[layer, stack.outputs]])));
}
