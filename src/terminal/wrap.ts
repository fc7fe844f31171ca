import type { Terminal } from '../context.ts';
import { withoutColour } from './paint.ts';

/** A label and the gap behind it, below which the rest of a long line goes on. */
const LABEL = /^ *\S{1,12} {2,}/;
const NARROWEST = 40;

/**
 * Breaks lines that are too long for the terminal between words, the rest below the text of the line. Where nobody
 * looks, lines stay whole: programs read them.
 */
export function fit(
  { isInteractive, width }: Pick<Terminal, 'isInteractive' | 'width'>,
  text: string,
): string {
  if (!isInteractive) return text;
  return text
    .split('\n')
    .map((line) => wrap(line, Math.max(NARROWEST, width)))
    .join('\n');
}

function wrap(line: string, width: number): string {
  const plain = withoutColour(line);
  if (plain.length <= width) return line;
  const label = LABEL.exec(plain)?.[0].length ?? /^ */.exec(plain)![0].length + 2;
  const indent = ' '.repeat(Math.min(label, width / 2));
  const lines: string[] = [];
  // Gaps stay where they are, since columns are made of them.
  for (const word of line.split(/(?<=\S)(?= )/)) {
    const last = lines.at(-1);
    const isFull = last !== undefined && withoutColour(last + word).length > width;
    if (last === undefined) lines.push(word);
    else if (isFull) lines.push(`${indent}${word.trimStart()}`);
    else lines[lines.length - 1] = last + word;
  }
  return lines.join('\n');
}
