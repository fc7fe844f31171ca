import assert from 'node:assert/strict';

// How the page writes numbers in English, so that a test may hold its text against SQL.

/** 1234.4 -> '1,234' */
export const count = (n: unknown): string => Math.round(Number(n)).toLocaleString('en');

/** Seconds -> '40s', '1m 58s', '2h 05m' */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  if (s >= 3600) return `${Math.floor(s / 3600)}h ${two((s % 3600) / 60)}m`;
  return s >= 60 ? `${Math.floor(s / 60)}m ${two(s % 60)}s` : `${s}s`;
}

/** Waits are kept with their first two digits: 1234 -> 1200 */
export function twoDigits(n: number): number {
  const unit = 10 ** Math.max(0, String(n).length - 2);
  return Math.floor(n / unit) * unit;
}

/**
 * That a text is the share that it should be. Both round, so a half may go either way.
 * @param share of 1; null when there is nothing to divide by, which is a dash
 */
export function assertShare(text: string | undefined, share: number | null, what: string): void {
  if (share === null) return assert.equal(text, '–', what);
  assert.match(text ?? '', /^\d+\.\d%$/, what);
  const differs = Math.abs(Number.parseFloat(text!) - 100 * share);
  assert.ok(differs <= 0.0501, `${what}: ${text} is shown, ${100 * share}% it is`);
}
