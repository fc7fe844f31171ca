/** What the package brings along: templates, and files for the assets bucket. Implemented by adapters/files/package-files.ts. */
export interface PackageFiles {
  /** The text of src/templates/<layer>.yaml. */
  template(layer: string): Promise<string>;
  /** @throws SbwError ASSET_MISSING when the package was built without it */
  asset(name: AssetName): Promise<Uint8Array>;
}

export const ASSET_NAMES = ['ingest', 'etl', 'provision', 'bundle-source'] as const;

/** Code of the two Lambdas, what servers run at their start, and how the package bundle for them is built. */
export type AssetName = (typeof ASSET_NAMES)[number];

/** Objects of the assets bucket, which carry the hash of their content in their key. Never overwritten. */
export interface AssetStore {
  has(bucket: string, key: string): Promise<boolean>;
  /** S3 checks the content on arrival; a second writer of the same key changes nothing. */
  put(bucket: string, key: string, content: Uint8Array): Promise<void>;
  /** Null when there is none. */
  readText(bucket: string, key: string): Promise<string | null>;
}
