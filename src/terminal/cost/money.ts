/** `$65.01`; what is too small to show is not nothing: `$0.00+`. */
export function formatMoney(usd: number): string {
  const text = `$${Math.abs(usd).toFixed(2)}`;
  return `${usd < 0 ? '-' : ''}${text}${usd > 0 && usd < 0.005 ? '+' : ''}`;
}

/** For JSON: no more digits than the estimate deserves, and none of a float's own. */
export function roundMoney(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}
