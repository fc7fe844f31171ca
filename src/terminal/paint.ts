import { Chalk } from 'chalk';

/**
 * Renderers always paint; the terminal takes the colours out again where they do not belong (a pipe, NO_COLOR).
 * So rendered text depends on nothing but its input.
 */
export const paint = new Chalk({ level: 1 });

const COLOUR = /\x1b\[[\d;]*m/g;
/** C0 without line feed and tab, DEL, C1, and the marks that reverse the direction of text. */
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

export function withoutColour(text: string): string {
  return text.replace(COLOUR, '');
}

/**
 * Data from events, keys and servers, made safe to show: a control character becomes its `\u001b` form, which
 * is seen and does nothing. Line breaks and tabs stay; `oneLine` shows them as `\u000a` and cuts at `max`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeOf);
}

/** @see printable; for a table cell or a message. */
export function oneLine(text: string, max = 200): string {
  // Cut before escaping: raw text may have megabytes.
  const cut = text.length > max ? `${text.slice(0, max - 3)}...` : text;
  return printable(cut).replace(/[\n\t]/g, escapeOf);
}

/** Keeps our own colours and takes the power out of every other control sequence. */
export function defuse(text: string): string {
  return text
    .split(/(\u001b\[[\d;]*m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
