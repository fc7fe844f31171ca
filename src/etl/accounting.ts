/**
 * The identities every run must satisfy. Each number is counted where the thing happens (a listing, a read,
 * a decoded event, a row INSERT reported), never derived from the others: a subtraction can hide a loss.
 */
export interface ObjectCounts {
  listed: number;
  read: number;
  unreadable: number;
  already_loaded: number;
}

export interface EventCounts {
  read: number;
  loaded: number;
  duplicates: number;
  quarantined: number;
  filtered: number;
}

export interface Accounting {
  readonly objects: ObjectCounts;
  readonly events: EventCounts;
}

export function emptyAccounting(): Accounting {
  return {
    objects: { listed: 0, read: 0, unreadable: 0, already_loaded: 0 },
    events: { read: 0, loaded: 0, duplicates: 0, quarantined: 0, filtered: 0 },
  };
}

/** Adds `more` to `total`, in place. */
export function addAccounting(total: Accounting, more: Accounting): void {
  for (const name of Object.keys(total.objects) as (keyof ObjectCounts)[]) {
    total.objects[name] += more.objects[name];
  }
  for (const name of Object.keys(total.events) as (keyof EventCounts)[]) {
    total.events[name] += more.events[name];
  }
}

/** How far off the two identities are; both zero when nothing was lost and nothing was counted twice. */
export function imbalance({ objects, events }: Accounting): { objects: number; events: number } {
  return {
    objects: objects.listed - (objects.read + objects.unreadable + objects.already_loaded),
    events: events.read - (events.loaded + events.duplicates + events.quarantined + events.filtered),
  };
}

export function isBalanced(accounting: Accounting): boolean {
  const off = imbalance(accounting);
  return off.objects === 0 && off.events === 0;
}
