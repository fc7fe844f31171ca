import type { Command } from 'commander';
import type { QuarantineFilter, QuarantineRow } from '../../etl/store/quarantine.ts';
import type { WindowFlags } from '../../etl/time/window.ts';
import { addWindowOptions } from '../options.ts';

/** Which quarantined events; shared by ls and replay. */
export interface SelectionFlags extends WindowFlags {
  readonly reason?: string;
  readonly run?: string;
}

export function addSelectionOptions(command: Command): Command {
  return addWindowOptions(
    command
      .option('--reason <code>', 'only events rejected for this reason')
      .option('--run <run>', 'only events this run put there'),
  );
}

/** @throws SbwError (usage) when the window is nonsense */
export async function selectionOf(
  flags: SelectionFlags,
  now: Date,
): Promise<Pick<QuarantineFilter, 'reason' | 'runId' | 'fromMs' | 'beforeMs'>> {
  const { namesWindow, parseWindow } = await import('../../etl/time/window.ts');
  return {
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.run === undefined ? {} : { runId: flags.run }),
    ...(namesWindow(flags) ? parseWindow(flags, now).window : {}),
  };
}

/** A quarantined event in JSON, without its raw text, which may be large. */
export function quarantineToJson(row: QuarantineRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'raw_text'));
}
