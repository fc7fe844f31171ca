/**
 * Cuts JSON text into its values without parsing them: for arrays too large to hold, for values that stand
 * one behind the other, and to save what comes before the place where an object was cut off. It follows
 * strings, escapes and brackets only; whether a value is JSON is JSON.parse's business.
 */
export class ValueScanner {
  #pending = '';
  #position = 0;
  #start = -1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Inside `[ ... ]` at the top, whose members are the values. */
  #inArray = false;

  /** The text of every value that is complete now. Values are objects and arrays; scalars are cut out too. */
  push(text: string): string[] {
    this.#pending += text;
    const values: string[] = [];
    for (; this.#position < this.#pending.length; this.#position += 1) {
      const code = this.#pending.charCodeAt(this.#position);
      if (this.#inString) this.#stepInString(code);
      else this.#step(code, values);
    }
    this.#forget();
    return values;
  }

  /** Characters held back: those of the value that is not complete yet. */
  get pendingLength(): number {
    return this.#pending.length;
  }

  /** What is left at the end: a value that was cut off, or a last scalar; '' when nothing is. */
  rest(): string {
    return this.#start < 0 ? '' : this.#pending.slice(this.#start).trim();
  }

  #stepInString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
  }

  #step(code: number, values: string[]): void {
    if (code === QUOTE) {
      this.#begin();
      this.#inString = true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (code === OPEN_BRACKET && this.#start < 0 && !this.#inArray) {
        this.#inArray = true;
        return;
      }
      this.#begin();
      this.#depth += 1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (this.#depth === 0) {
        this.#finish(values, this.#position);
        if (code === CLOSE_BRACKET) this.#inArray = false;
        return;
      }
      this.#depth -= 1;
      if (this.#depth === 0) this.#finish(values, this.#position + 1);
    } else if (this.#depth === 0 && (code === COMMA || isSpace(code))) {
      if (code === COMMA || code === LINE_FEED) this.#finish(values, this.#position);
    } else this.#begin();
  }

  #begin(): void {
    if (this.#start < 0) this.#start = this.#position;
  }

  #finish(values: string[], end: number): void {
    if (this.#start < 0) return;
    values.push(this.#pending.slice(this.#start, end).trim());
    this.#start = -1;
  }

  /** Lets go of the text that is cut into values, so that memory holds one value at most. */
  #forget(): void {
    const keep = this.#start < 0 ? this.#position : this.#start;
    this.#pending = this.#pending.slice(keep);
    this.#position -= keep;
    if (this.#start >= 0) this.#start = 0;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;

function isSpace(code: number): boolean {
  return code === 0x20 || code === LINE_FEED || code === 0x0d || code === 0x09;
}
