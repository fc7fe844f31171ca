import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { EventSource } from '../../etl/event.ts';
import type { ObjectStore } from '../../etl/ports.ts';
import type { FoundEvent } from '../../terminal/etl/render-event.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addSourceOptions, examples, withSources } from '../options.ts';
import type { SourceFlags, Sources } from '../options.ts';
import { quarantineToJson } from './quarantine.ts';

export interface ShowEventOptions extends SourceFlags {
  readonly json?: boolean;
}

export function registerShow(parent: Command, ctx: Context, exit: Exit, run = runShow): void {
  const command = parent
    .command('show <event_id>')
    .description('Show one event: its row, the raw text it came from, and why it was rejected if it was.');
  addJsonOption(addSourceOptions(command))
    .addHelpText(
      'after',
      examples(
        'sbw data show 0f8fad5b-d9cb-469f-a165-70867728950e',
        'sbw data show 1733461200123-9f2c --json',
      ),
    )
    .action(async (eventId: string, flags: ShowEventOptions) => {
      exit.code = await run(ctx, eventId, flags);
    });
}

/** Returns the exit code. */
export async function runShow(ctx: Context, eventId: string, flags: ShowEventOptions): Promise<number> {
  const { formatEvent } = await import('../../terminal/etl/render-event.ts');
  const found = await withSources(ctx, flags, 'sbw data show', (sources) => findEvent(sources, eventId));
  if (found.row === null && found.quarantine.length === 0) {
    throw new SbwError(
      'EVENT_NOT_FOUND',
      `Neither the warehouse nor quarantine has an event ${JSON.stringify(eventId)}.`,
      {
        fix: 'is its hour loaded? sbw etl gaps --last 24h',
      },
    );
  }
  const json = { schema: 'sbw.event/1', ...found, quarantine: found.quarantine.map(quarantineToJson) };
  ctx.terminal.result(flags.json ? JSON.stringify(json) : formatEvent(found));
  return 0;
}

async function findEvent({ store, database }: Sources, eventId: string): Promise<FoundEvent> {
  const [{ findRow, sourceOf }, { listQuarantine }] = await Promise.all([
    import('../../etl/store/events.ts'),
    import('../../etl/store/quarantine.ts'),
  ]);
  const { row, quarantine } = await database.withSession(async (session) => ({
    row: await findRow(session, eventId),
    quarantine: await listQuarantine(session, { eventId, state: 'all', limit: 100 }),
  }));
  const source = row === null ? null : sourceOf(row);
  const raw =
    source === null
      ? { raw: quarantine[0]?.raw_text ?? null, raw_problem: null }
      : await readRaw(store, source);
  return { event_id: eventId, row, source: source && { store: store.url, ...source }, ...raw, quarantine };
}

/** The raw text, or why it cannot be shown: the row is an answer without it. */
async function readRaw(
  store: ObjectStore,
  source: EventSource,
): Promise<{ raw: string | null; raw_problem: string | null }> {
  const { findRawEvent } = await import('../../etl/load/raw-event.ts');
  try {
    const raw = await findRawEvent(store, source);
    return { raw, raw_problem: raw === null ? 'the object is not in the raw store (any more)' : null };
  } catch (error) {
    if (!(error instanceof SbwError)) throw error;
    return { raw: null, raw_problem: `${error.code}: ${error.message}` };
  }
}
