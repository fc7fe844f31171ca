import type { Accounting } from '../../etl/accounting.ts';
import { addAccounting, emptyAccounting } from '../../etl/accounting.ts';
import type { LoadEvent } from '../../etl/load/report.ts';
import type { PartitionStart } from '../../etl/time/partition.ts';

/** How far back the rate looks: long enough to be steady, short enough to notice a slow store. */
const RATE_WINDOW_MS = 10_000;

/** No guess about the rest before this: the first objects say nothing. */
const PATIENCE_MS = 1000;

interface Sample {
  readonly atMs: number;
  readonly objects: number;
  readonly events: number;
}

interface Running {
  readonly objects: number;
  accounting: Accounting;
  /** Who holds the partition while we wait for it; null when it is ours. */
  holder: string | null;
}

/** What a run has done so far, kept from its events; one per run. */
export interface Progress {
  readonly startedAtMs: number;
  partitions: number;
  partitionsDone: number;
  partitionsFailed: number;
  /** To be read, without those already loaded. */
  objects: number;
  /** Of partitions that ended. */
  readonly finished: Accounting;
  readonly running: Map<PartitionStart, Running>;
  /** Objects and events of recent moments, oldest first. */
  samples: Sample[];
}

export interface Pace {
  readonly objectsDone: number;
  readonly accounting: Accounting;
  readonly eventsPerSecond: number;
  /** Null while nothing can be said. */
  readonly leftMs: number | null;
}

export function startProgress(nowMs: number): Progress {
  return {
    startedAtMs: nowMs,
    partitions: 0,
    partitionsDone: 0,
    partitionsFailed: 0,
    objects: 0,
    finished: emptyAccounting(),
    running: new Map(),
    samples: [{ atMs: nowMs, objects: 0, events: 0 }],
  };
}

/** Takes one event into account, in place. */
export function trackEvent(progress: Progress, event: LoadEvent): void {
  switch (event.type) {
    case 'run-started':
      progress.partitions = event.partitions;
      progress.objects = event.objects;
      return;
    case 'partition-started':
      progress.running.set(event.partition, {
        objects: event.plan.objects - event.plan.alreadyLoaded,
        accounting: emptyAccounting(),
        holder: null,
      });
      return;
    case 'partition-held':
      updateRunning(progress, event.partition, (running) => (running.holder = event.holder));
      return;
    case 'partition-progress':
      updateRunning(progress, event.partition, (running) => {
        running.accounting = event.accounting;
        running.holder = null;
      });
      return;
    case 'partition-done':
      progress.running.delete(event.result.partition);
      progress.partitionsDone += 1;
      addAccounting(progress.finished, event.result.accounting);
      return;
    case 'partition-failed':
      progress.running.delete(event.partition);
      progress.partitionsFailed += 1;
      return;
    case 'retrying':
      // The attempt starts over: what it had counted was rolled back.
      updateRunning(progress, event.partition, (running) => (running.accounting = emptyAccounting()));
  }
}

/** The run's speed over the last ten seconds and what that means for the rest. Remembers this moment. */
export function measurePace(progress: Progress, nowMs: number): Pace {
  const accounting = emptyAccounting();
  addAccounting(accounting, progress.finished);
  for (const running of progress.running.values()) addAccounting(accounting, running.accounting);
  const objectsDone = objectsRead(accounting);
  const first = progress.samples[0] ?? { atMs: nowMs, objects: 0, events: 0 };
  const seconds = Math.max(0.001, (nowMs - first.atMs) / 1000);
  const objectsPerSecond = Math.max(0, objectsDone - first.objects) / seconds;
  const eventsPerSecond = Math.max(0, accounting.events.read - first.events) / seconds;
  progress.samples.push({ atMs: nowMs, objects: objectsDone, events: accounting.events.read });
  const oldest = nowMs - RATE_WINDOW_MS;
  while (progress.samples.length > 1 && (progress.samples[0]?.atMs ?? nowMs) < oldest)
    progress.samples.shift();
  const left = Math.max(0, progress.objects - objectsDone);
  const isKnown = objectsPerSecond > 0 && nowMs - progress.startedAtMs >= PATIENCE_MS;
  const leftMs = isKnown ? (left / objectsPerSecond) * 1000 : null;
  return { objectsDone, accounting, eventsPerSecond, leftMs };
}

/** Objects that were to be read and need no more work; those already loaded are no work. */
export function objectsRead({ objects }: Accounting): number {
  return objects.read + objects.unreadable;
}

function updateRunning(
  progress: Progress,
  partition: PartitionStart,
  update: (running: Running) => void,
): void {
  const running = progress.running.get(partition);
  if (running !== undefined) update(running);
}
