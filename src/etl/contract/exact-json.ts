import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/**
 * JSON.parse turns 1487580006317032337 into 1487580006317032400. Such numbers (16 digits and more, or an
 * exponent) are rare, so the text is searched for them and only then parsed by the exact, slower parser.
 */
const INEXACT_NUMBER = /[:[,]\s*-?(?:\d[\d.]{15,}|\d[\d.]*[eE])/;

/** Escapes that JSON allows and PostgreSQL does not: NUL, and halves of a surrogate pair. */
const UNUSUAL_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/** Digits that PostgreSQL's numeric holds with room to spare. */
const MAX_NUMBER_CHARACTERS = 1000;

/** A parsed JSON text. */
export interface ParsedJson {
  readonly value: unknown;
  /** It may hold what PostgreSQL cannot store: look at every text and number before using them. */
  readonly isUnusual: boolean;
}

/** JSON text to a value; numbers that a double cannot hold come as LosslessNumber. @throws SyntaxError */
export function parseExactly(text: string): ParsedJson {
  if (INEXACT_NUMBER.test(text)) return { value: parseSlowly(text), isUnusual: true };
  return { value: JSON.parse(text), isUnusual: text.includes('\\u') && UNUSUAL_ESCAPE.test(text) };
}

function parseSlowly(text: string): unknown {
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
