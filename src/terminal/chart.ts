import { formatCount } from './numbers.ts';
import { oneLine } from './paint.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Behind the number, such as a percentage. */
  readonly note?: string;
}

/** Horizontal bars of `#`, the largest as long as `width` allows; something above zero is never invisible. */
export function formatBars(bars: readonly Bar[], width: number): string {
  const labels = bars.map(({ label }) => oneLine(label, 30));
  const numbers = bars.map(({ value }) => formatCount(value));
  const notes = bars.map(({ note }) => note ?? '');
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  // Two spaces before each column; a note is one more.
  const spaces = widest(notes) > 0 ? 8 : 6;
  const fixed = widest(labels) + widest(numbers) + widest(notes) + spaces;
  const room = Math.max(10, Math.min(50, width - fixed));
  const largest = Math.max(1, ...bars.map(({ value }) => value));
  return bars
    .map(({ value }, index) => {
      const length = value > 0 ? Math.max(1, Math.round((value / largest) * room)) : 0;
      const bar = '#'.repeat(length).padEnd(room);
      const number = numbers[index]!.padStart(widest(numbers));
      return `  ${labels[index]!.padEnd(widest(labels))}  ${bar}  ${number}  ${notes[index]!}`.trimEnd();
    })
    .join('\n');
}
