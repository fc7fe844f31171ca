/** A card's file, RFC 4180 with a mark in front: each row by its columns' names. */
export function parseCsv(text: string): Record<string, string>[] {
  const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  const rows: string[][] = [[]];
  for (const [, cell, end] of text.replace('\uFEFF', '').matchAll(new RegExp(cells, 'gy'))) {
    rows.at(-1)!.push(cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!);
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  const [names = [], ...given] = rows.filter((row) => row.length > 1);
  return given.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])));
}
