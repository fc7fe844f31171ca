import { appendFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAbout, RunRecord, RunRecords, StoredRun } from '../../stacks/ports/deploy/run-records.ts';

const ABOUT = 'about.json';
const NOTES = 'events.jsonl';
const RESULT = 'result.json';
const ID = /^r_[\w-]{1,60}$/;

/** Runs as folders below `<project>/.sbw/runs`. */
export function openRunRecords(projectFolder: string): RunRecords {
  const root = join(projectFolder, '.sbw', 'runs');
  return {
    begin: (id, about) => begin(join(root, id), about),
    list: () => list(root),
    find: async (id) => (ID.test(id) ? find(join(root, id)) : null),
  };
}

async function begin(folder: string, about: RunAbout): Promise<RunRecord> {
  await mkdir(folder, { recursive: true });
  const save = async (name: string, content: unknown): Promise<void> => {
    const unfinished = join(folder, `${name}.part`);
    await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`);
    await rename(unfinished, join(folder, name));
  };
  await save(ABOUT, about);
  return {
    note: (event) => {
      try {
        // At once, so that a killed run can still be explained; a deploy has a few hundred of these.
        appendFileSync(join(folder, NOTES), `${JSON.stringify(event)}\n`);
      } catch {
        // The record is a courtesy; CloudFormation keeps its own.
      }
    },
    save,
    close: async () => undefined,
  };
}

async function list(root: string): Promise<readonly RunAbout[]> {
  const names = await readdir(root).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => ID.test(name)).map((name) => readJson(join(root, name, ABOUT))),
  );
  return found
    .filter((about) => about !== null)
    .map((about) => about as RunAbout)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

async function find(folder: string): Promise<StoredRun | null> {
  const about = (await readJson(join(folder, ABOUT))) as RunAbout | null;
  if (about === null) return null;
  const text = await readFile(join(folder, NOTES), 'utf8').catch(() => '');
  const notes = text.split('\n').flatMap((line) => parse(line) ?? []);
  return { about, notes, result: await readJson(join(folder, RESULT)) };
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return parse(text);
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
