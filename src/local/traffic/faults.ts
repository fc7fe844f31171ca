import type { Random } from './random.ts';

/** What can be wrong with an event of a real shop, and what becomes of it. */
interface Fault {
  /** Some oddities are no reason to lose an event. */
  readonly fate: 'row' | 'quarantine' | 'refused';
  /** The reason it is quarantined for, or the code the door refuses it with; null for a row. */
  readonly code: string | null;
  /** The body to send in place of the event's own. */
  spoil(event: Record<string, unknown>, random: Random): string;
}

type Change = (event: Record<string, unknown>) => Record<string, unknown>;

const harmless = (change: Change): Fault => ({
  fate: 'row',
  code: null,
  spoil: (event) => JSON.stringify(change(event)),
});
const quarantined = (code: string, change: Change): Fault => ({
  fate: 'quarantine',
  code,
  spoil: (event) => JSON.stringify(change(event)),
});
const refused = (code: string, spoil: (event: Record<string, unknown>) => string): Fault => ({
  fate: 'refused',
  code,
  spoil,
});

const PRODUCT = { id: 'p-1', name: 'Old import', category: 'Misc', brand: 'Aster', urlPath: '/product/old' };

export const FAULTS: readonly Fault[] = [
  harmless(({ eventId: _, ...event }) => event),
  harmless((event) => ({ ...event, event_timestamp: 'yesterday' })),
  quarantined('price_not_number', (event) => ({ ...event, product: { ...PRODUCT, price: '19,99' } })),
  quarantined('price_not_number', (event) => ({ ...event, product: { ...PRODUCT, price: 'call us' } })),
  quarantined('price_too_precise', (event) => ({
    ...event,
    product: { ...PRODUCT, price: 16.991500000000002 },
  })),
  quarantined('price_out_of_range', (event) => ({ ...event, product: { ...PRODUCT, price: -5 } })),
  quarantined('not_boolean', (event) => ({ ...event, isFirstVisit: 'maybe' })),
  quarantined('wrong_type', (event) => ({ ...event, userId: { x: 1 } })),
  quarantined('text_too_long', (event) => ({
    ...event,
    eventId: `${String(event['eventId'])}${'x'.repeat(128)}`,
  })),
  quarantined('nul_character', (event) => ({ ...event, userId: 'us-\0' })),
  refused('invalid_json', (event) => JSON.stringify(event).slice(0, -7)),
  refused('missing_event_name', (event) => JSON.stringify({ ...event, eventName: '' })),
  refused('not_an_object', () => '"page_view"'),
];
