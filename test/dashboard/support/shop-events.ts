import { readFileSync } from 'node:fs';
import type pg from 'pg';

export interface Shop {
  /** About 6.3 events each. */
  readonly sessions: number;
  readonly days: number;
  /** The last session starts before this instant. */
  readonly until: Date;
  /** With sessions that take the funnel's steps out of order, or leave some out. */
  readonly hasOddWalks?: boolean;
}

/** Adds the loads that brought the shop's events, and what went wrong with some. */
export async function fillLoads(client: pg.Client): Promise<void> {
  await client.query(readFileSync('test/dashboard/support/shop-loads.sql', 'utf8'));
}

/** Fills public.clickstream_events with a shop's traffic. The same shop gives the same events. */
export async function fillShop(
  client: pg.Client,
  { sessions, days, until, hasOddWalks }: Shop,
): Promise<void> {
  const sql = readFileSync('test/dashboard/support/shop-events.sql', 'utf8');
  const settings = { sessions: String(sessions), days: String(days), until: until.toISOString() };
  await client.query(
    sql.replaceAll(/\{(sessions|days|until)\}/g, (_, name: keyof typeof settings) => settings[name]),
  );
  if (hasOddWalks === true) await client.query(readFileSync('test/dashboard/support/odd-walks.sql', 'utf8'));
}
