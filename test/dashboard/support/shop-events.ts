import { readFileSync } from 'node:fs';
import type pg from 'pg';

export interface Shop {
  /** About 6.3 events each. */
  readonly sessions: number;
  readonly days: number;
  /** The last session starts before this instant. */
  readonly until: Date;
}

/** Adds the loads that brought the shop's events, and what went wrong with some. */
export async function fillLoads(client: pg.Client): Promise<void> {
  await client.query(readFileSync('test/dashboard/support/shop-loads.sql', 'utf8'));
}

/** Fills public.clickstream_events with a shop's traffic. The same shop gives the same events. */
export async function fillShop(client: pg.Client, { sessions, days, until }: Shop): Promise<void> {
  const sql = readFileSync('test/dashboard/support/shop-events.sql', 'utf8');
  const settings = { sessions: String(sessions), days: String(days), until: until.toISOString() };
  await client.query(
    sql.replaceAll(/\{(sessions|days|until)\}/g, (_, name: keyof typeof settings) => settings[name]),
  );
}
