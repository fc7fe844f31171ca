import { join } from 'node:path';
import type { DatabaseDump } from '../../ports/database-dump.ts';
import { type CopyReport, type ObjectSource, type ObjectTarget, copyObjects } from './copy-objects.ts';

type Store = ObjectSource & ObjectTarget & { close(): Promise<void> };

export interface ExportWorld {
  /** A folder that exists, or `s3://bucket`. */
  openStore(url: string): Promise<Store>;
  makeFolder(path: string): Promise<unknown>;
  readonly databaseDump: DatabaseDump;
  readonly clock: { now(): Date };
  readonly stop: AbortSignal;
  say(text: string): void;
}

export interface ExportRequest {
  readonly folder: string;
  /** Null: there is none, or it is kept. */
  readonly rawBucket: string | null;
  readonly databases: readonly DatabaseToSave[];
}

export interface DatabaseToSave {
  readonly name: 'warehouse' | 'web-db';
  /** May hold a password. Null: nobody said where it is. */
  readonly url: string | null;
}

export type DumpReport =
  | {
      readonly name: DatabaseToSave['name'];
      readonly file: string;
      readonly bytes: number;
      readonly tables: number;
    }
  /** Why it is not saved. */
  | { readonly name: DatabaseToSave['name']; readonly problem: string };

export interface ExportReport {
  readonly folder: string;
  readonly raw: CopyReport | null;
  readonly dumps: readonly DumpReport[];
  /** Everything asked for is there, and was read again. */
  readonly isComplete: boolean;
}

/** Saves what teardown would destroy: `raw/`, `manifest/`, `warehouse.dump`, `web-db.dump`. Deletes nothing. */
export async function exportStage(world: ExportWorld, request: ExportRequest): Promise<ExportReport> {
  const { folder, rawBucket, databases } = request;
  await world.makeFolder(folder);
  const raw = rawBucket === null ? null : await saveRaw(world, folder, rawBucket);
  const dumps: DumpReport[] = [];
  for (const database of databases) dumps.push(await saveDatabase(world, folder, database));
  const isComplete = (raw === null || raw.failed.length === 0) && dumps.every((dump) => 'file' in dump);
  return { folder, raw, dumps, isComplete };
}

async function saveRaw(world: ExportWorld, folder: string, bucket: string): Promise<CopyReport> {
  const [rawFolder, manifestFolder] = [join(folder, 'raw'), join(folder, 'manifest')];
  await world.makeFolder(rawFolder);
  await world.makeFolder(manifestFolder);
  const source = await world.openStore(`s3://${bucket}`);
  const target = await world.openStore(rawFolder);
  const manifest = await world.openStore(manifestFolder);
  const run = world.clock.now().toISOString().replaceAll(/[-:.]/g, '');
  let part = 0;
  try {
    return await copyObjects(
      source,
      target,
      async (entries) => {
        part += 1;
        const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
        const name = `${run}-${String(part).padStart(5, '0')}.ndjson`;
        await manifest.write(name, Buffer.from(text), 'application/x-ndjson');
      },
      world,
    );
  } finally {
    await Promise.all([source, target, manifest].map((store) => store.close()));
  }
}

async function saveDatabase(
  { databaseDump, say }: ExportWorld,
  folder: string,
  { name, url }: DatabaseToSave,
): Promise<DumpReport> {
  if (url === null) return { name, problem: `nothing says where it can be reached: give --${name} <url>` };
  say(`dumping the ${name}`);
  const file = join(folder, `${name}.dump`);
  try {
    return { name, file, ...(await databaseDump.dump(url, file)) };
  } catch (error) {
    return { name, problem: (error as Error).message };
  }
}
