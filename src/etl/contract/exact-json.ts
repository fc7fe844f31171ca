import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/**
 * JSON.parse turns 1487580006317032337 into 1487580006317032400. Such numbers (16 digits and more, or an
 * exponent) are rare, so the text is searched for them and only then parsed by the exact, slower parser.
 */
const INEXACT_NUMBER = /[:[,]\s*-?(?:\d[\d.]{15,}|\d[\d.]*[eE])/;

/** Escapes that JSON allows and PostgreSQL does not: NUL, and halves of a surrogate pair. */
const UNUSUAL_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/** PostgreSQL's numeric ends somewhere; a number with so many digits or such an exponent is looked at. */
const HUGE_EXPONENT = /\d[eE][+-]?\d{4}|\d{1000}/;

/** Digits that PostgreSQL's numeric holds with room to spare. */
const MAX_NUMBER_CHARACTERS = 1000;

/** JSON text to a value; numbers that a double cannot hold come as LosslessNumber. @throws SyntaxError */
export function parseExactly(text: string): unknown {
  if (!INEXACT_NUMBER.test(text)) return JSON.parse(text);
  // The exact parser is also stricter and recursive; JSON.parse stays the judge of what is JSON.
  JSON.parse(text);
  return parse(text, undefined, {
    parseNumber: (digits: string) => (isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits)),
    onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue,
  });
}

/**
 * A value of parseExactly back to JSON text, digit for digit.
 * @returns null when the value is nested deeper than `maxDepth`, which would overflow the stack
 */
export function stringifyExactly(value: unknown, maxDepth: number): string | null {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const { depth, isExact } = inspect(value);
  if (depth > maxDepth) return null;
  return (isExact ? stringify(value) : JSON.stringify(value)) ?? 'null';
}

/** The decimal text of a JSON number, or null when the value is none. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return value instanceof LosslessNumber ? value.value : null;
}

/** Whether a JSON text may hold what PostgreSQL cannot store; false needs no further look. */
export function mayBeUnstorable(text: string): boolean {
  return (text.includes('\\u') && UNUSUAL_ESCAPE.test(text)) || HUGE_EXPONENT.test(text);
}

/** What a look into a value, without recursion, tells. */
export interface Inspection {
  /** Levels of nesting; a scalar is 0. */
  readonly depth: number;
  /** What PostgreSQL could not store. */
  readonly fault: 'nul' | 'surrogate' | 'number' | null;
  /** Holds numbers that a double cannot. */
  readonly isExact: boolean;
}

export function inspect(value: unknown): Inspection {
  let depth = 0;
  let isExact = false;
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    depth = Math.max(depth, top.depth);
    if (typeof top.value === 'string') {
      if (top.value.includes('\0')) return { depth, fault: 'nul', isExact };
      if (!top.value.isWellFormed()) return { depth, fault: 'surrogate', isExact };
    } else if (top.value instanceof LosslessNumber) {
      isExact = true;
      if (!isStorableNumber(top.value.value)) return { depth, fault: 'number', isExact };
    } else if (typeof top.value === 'object' && top.value !== null) {
      for (const [key, member] of Object.entries(top.value)) {
        stack.push({ value: key, depth: top.depth }, { value: member, depth: top.depth + 1 });
      }
    }
  }
  return { depth, fault: null, isExact };
}

function isStorableNumber(digits: string): boolean {
  const exponent = /[eE]([+-]?\d+)$/.exec(digits)?.[1] ?? '0';
  return digits.length <= MAX_NUMBER_CHARACTERS && Math.abs(Number(exponent)) <= MAX_NUMBER_CHARACTERS;
}
