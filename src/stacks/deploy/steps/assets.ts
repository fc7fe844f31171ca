import { createHash } from 'node:crypto';
import type { LayerName, ValueName } from '../../catalog.ts';
import { layerOf } from '../../catalog.ts';
import {
  ASSET_NAMES,
  type AssetName,
  type AssetStore,
  type PackageFiles,
} from '../../ports/deploy/assets.ts';
import type { Asset } from '../plan/facts.ts';

/** By which of its parameters a layer shows that it needs an asset. */
const PARAMETER: Readonly<Record<AssetName, ValueName>> = {
  ingest: 'ingestCodeKey',
  etl: 'etlCodeKey',
  provision: 'provisionKey',
  'bundle-source': 'bundleSourceKey',
};

/** Content in the key: CloudFormation sees a change only when the key changes. */
const KEY: Readonly<Record<AssetName, (hash: string) => string>> = {
  ingest: (hash) => `code/ingest-${hash}.zip`,
  etl: (hash) => `code/etl-${hash}.zip`,
  provision: (hash) => `host/provision-${hash}.zip`,
  'bundle-source': (hash) => `host/bundle-source-${hash}.zip`,
};

const HASH_LETTERS = 16;

/** What the layers need of the package, with the keys under which it goes into the bucket. */
export async function readAssets(
  files: PackageFiles,
  layers: readonly LayerName[],
): Promise<readonly Omit<Asset, 'isUploaded'>[]> {
  return Promise.all(
    ASSET_NAMES.filter((name) => isNeeded(name, layers)).map(async (name) => {
      const content = await files.asset(name);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return {
        name,
        key: KEY[name](sha256.slice(0, HASH_LETTERS)),
        sha256,
        bytes: content.byteLength,
        content,
      };
    }),
  );
}

function isNeeded(name: AssetName, layers: readonly LayerName[]): boolean {
  return layers.some((layer) =>
    Object.values(layerOf(layer).parameters).some(
      (source) => source.from === 'value' && source.value === PARAMETER[name],
    ),
  );
}

/** Uploads those that are not there. One that is there is never written again: its key says what is in it. */
export async function uploadAssets(
  store: AssetStore,
  bucket: string,
  assets: readonly Asset[],
  say: (text: string) => void,
): Promise<'done' | 'unchanged'> {
  let uploaded = 0;
  for (const { key, content } of assets) {
    if (await store.has(bucket, key)) continue;
    say(key);
    await store.put(bucket, key, content);
    uploaded += 1;
  }
  return uploaded === 0 ? 'unchanged' : 'done';
}
