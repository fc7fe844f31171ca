import type { Inventory } from './inventory.ts';

/** What survives on the operator's word. `warehouse` and `web-db` survive as snapshots of their volumes. */
export const KEEPABLE = ['raw', 'warehouse', 'web-db'] as const;
export type Keepable = (typeof KEEPABLE)[number];

export interface Choices {
  readonly keep: ReadonlySet<Keepable>;
  /** Although the raw bucket is kept: empty the assets bucket of its code, host files and images. */
  readonly includesArtifacts: boolean;
}

/** Snapshots whose volume nobody knows any more are kept with either kind of server. */
export function isKept(source: string, inventory: Inventory, { keep }: Choices): boolean {
  const role = inventory.volumes.find(({ id }) => id === source)?.role;
  return role === undefined ? keep.has('warehouse') || keep.has('web-db') : keep.has(role);
}
