import { SbwError } from '../errors.ts';

export const LAYER_NAMES = [
  'storage',
  'network',
  'host-bundle',
  'warehouse',
  'web-db',
  'ingest',
  'etl',
] as const;

/** A layer is a stack; its template is src/templates/<name>.yaml. */
export type LayerName = (typeof LAYER_NAMES)[number];

/** What sbw itself knows or makes, beside settings and outputs. Null until it is made: see values.ts. */
export type ValueName =
  | 'rawBucketName'
  | 'assetsBucketName'
  | 'rawNoncurrentDays'
  | 'availabilityZone'
  | 'ec2Messages'
  | 'warehouseImageId'
  | 'warehouseGeneration'
  | 'warehouseInstanceType'
  | 'warehouseVolumeGb'
  | 'webDbImageId'
  | 'webDbInstanceType'
  | 'webDbVolumeGb'
  | 'webDbCidr1'
  | 'webDbCidr2'
  | 'webDbCidr3'
  | 'webDbCidr4'
  | 'allowedOrigins'
  | 'throttleRate'
  | 'throttleBurst'
  | 'scheduleExpression'
  | 'reservedConcurrency'
  | 'alarmEmail'
  | 'logDays'
  | 'ingestCodeKey'
  | 'etlCodeKey'
  | 'bundleSourceKey'
  | 'bundleKey'
  | 'bundleSha256'
  | 'provisionKey'
  | 'provisionSha256';

/** Where a template's parameter comes from. */
export type Source =
  | { readonly from: 'value'; readonly value: ValueName }
  | { readonly from: 'output'; readonly layer: LayerName; readonly output: string };

export interface Layer {
  readonly name: LayerName;
  /** Layers whose outputs it takes, or that must be there before it. */
  readonly needs: readonly LayerName[];
  /** Beside Stage and NameSuffix, which every template has. */
  readonly parameters: Readonly<Record<string, Source>>;
  /** Logical ids of what holds data that no deploy brings back. */
  readonly data: readonly string[];
  /** Of a first deploy, for "usually 6m". */
  readonly typicalMinutes: number;
}

const value = (name: ValueName): Source => ({ from: 'value', value: name });
const output = (layer: LayerName, name: string): Source => ({ from: 'output', layer, output: name });

/** The platform, in the order in which it is shown. Outputs travel from stack to stack as parameters. */
export const CATALOG: readonly Layer[] = [
  {
    name: 'storage',
    needs: [],
    parameters: {
      RawBucketName: value('rawBucketName'),
      AssetsBucketName: value('assetsBucketName'),
      RawNoncurrentDays: value('rawNoncurrentDays'),
    },
    data: ['RawBucket', 'AssetsBucket'],
    typicalMinutes: 1,
  },
  {
    name: 'network',
    needs: [],
    parameters: {
      RawBucketName: value('rawBucketName'),
      AssetsBucketName: value('assetsBucketName'),
      AvailabilityZone: value('availabilityZone'),
      Ec2Messages: value('ec2Messages'),
    },
    data: [],
    typicalMinutes: 3,
  },
  {
    name: 'host-bundle',
    needs: ['storage'],
    parameters: {
      AssetsBucketName: output('storage', 'AssetsBucketName'),
      SourceKey: value('bundleSourceKey'),
    },
    data: [],
    typicalMinutes: 1,
  },
  {
    name: 'warehouse',
    needs: ['network', 'storage', 'host-bundle'],
    parameters: {
      VpcId: output('network', 'VpcId'),
      PrivateSubnetId: output('network', 'PrivateSubnetId'),
      AvailabilityZone: output('network', 'AvailabilityZone'),
      WarehouseSecurityGroupId: output('network', 'WarehouseSecurityGroupId'),
      S3EndpointId: output('network', 'S3EndpointId'),
      AssetsBucketName: output('storage', 'AssetsBucketName'),
      ImageId: value('warehouseImageId'),
      ServerGeneration: value('warehouseGeneration'),
      InstanceType: value('warehouseInstanceType'),
      DataVolumeGb: value('warehouseVolumeGb'),
      BundleKey: value('bundleKey'),
      BundleSha256: value('bundleSha256'),
      ProvisionKey: value('provisionKey'),
      ProvisionSha256: value('provisionSha256'),
    },
    data: ['Server', 'DataVolume'],
    typicalMinutes: 7,
  },
  {
    name: 'web-db',
    needs: ['network'],
    parameters: {
      PublicSubnetId: output('network', 'PublicSubnetId'),
      AvailabilityZone: output('network', 'AvailabilityZone'),
      WebDbSecurityGroupId: output('network', 'WebDbSecurityGroupId'),
      ImageId: value('webDbImageId'),
      InstanceType: value('webDbInstanceType'),
      DataVolumeGb: value('webDbVolumeGb'),
      AllowedCidr1: value('webDbCidr1'),
      AllowedCidr2: value('webDbCidr2'),
      AllowedCidr3: value('webDbCidr3'),
      AllowedCidr4: value('webDbCidr4'),
    },
    data: ['Server', 'DataVolume'],
    typicalMinutes: 4,
  },
  {
    name: 'ingest',
    needs: ['storage'],
    parameters: {
      RawBucketName: output('storage', 'RawBucketName'),
      AssetsBucketName: output('storage', 'AssetsBucketName'),
      CodeKey: value('ingestCodeKey'),
      AllowedOrigins: value('allowedOrigins'),
      ThrottleRate: value('throttleRate'),
      ThrottleBurst: value('throttleBurst'),
      LogDays: value('logDays'),
    },
    data: [],
    typicalMinutes: 2,
  },
  {
    name: 'etl',
    needs: ['network', 'storage', 'warehouse', 'ingest'],
    parameters: {
      PrivateSubnetId: output('network', 'PrivateSubnetId'),
      EtlSecurityGroupId: output('network', 'EtlSecurityGroupId'),
      RawBucketName: output('storage', 'RawBucketName'),
      AssetsBucketName: output('storage', 'AssetsBucketName'),
      CodeKey: value('etlCodeKey'),
      DwhHost: output('warehouse', 'PrivateIp'),
      ScheduleExpression: value('scheduleExpression'),
      ReservedConcurrency: value('reservedConcurrency'),
      AlarmEmail: value('alarmEmail'),
      ApiId: output('ingest', 'ApiId'),
      LogDays: value('logDays'),
    },
    data: [],
    typicalMinutes: 3,
  },
];

const BY_NAME = new Map(CATALOG.map((layer) => [layer.name, layer]));

export function layerOf(name: LayerName): Layer {
  return BY_NAME.get(name)!;
}

/** @throws SbwError LAYER_UNKNOWN (usage) */
export function parseLayer(name: string): LayerName {
  if (BY_NAME.has(name as LayerName)) return name as LayerName;
  throw new SbwError('LAYER_UNKNOWN', `There is no layer ${JSON.stringify(name.slice(0, 80))}.`, {
    kind: 'usage',
    fix: `the layers are ${LAYER_NAMES.join(', ')}`,
  });
}

/** A layer and all that, directly or not, need it, in the order of the catalog. */
export function layersFrom(first: LayerName): readonly LayerName[] {
  const found = new Set<LayerName>([first]);
  // The catalog lists each layer after its needs, so one pass is enough.
  for (const { name, needs } of CATALOG) if (needs.some((need) => found.has(need))) found.add(name);
  return LAYER_NAMES.filter((name) => found.has(name));
}
