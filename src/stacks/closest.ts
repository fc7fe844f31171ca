/** The word that somebody may have meant; null when none is near enough to be worth a guess. */
export function closestWord(word: string, words: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.\s]/g, '');
  const wanted = plain(word).slice(0, 80);
  const ranked = words
    .map((one) => ({ one, distance: distance(plain(one), wanted) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, wanted.length / 3) ? best.one : null;
}

/** Letters to change, add or take away until two words are the same (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
