/**
 * What was found of one part. `busy`: something changes it now. `unknown`: it could not be seen, which is never taken
 * for good. `absent`: it is not deployed.
 */
export type Verdict = 'ok' | 'absent' | 'busy' | 'unknown' | 'warn' | 'fail';

/** From good to bad. */
const SEVERITY: readonly Verdict[] = ['ok', 'absent', 'busy', 'unknown', 'warn', 'fail'];

/** One line of the screen. */
export interface Check {
  /** Stable, for scripts: `warehouse`. */
  readonly id: string;
  readonly verdict: Verdict;
  /** What was seen, in one line. */
  readonly summary: string;
  /** What else an operator needs, a line each. */
  readonly details: readonly string[];
  /** What to do, to be pasted; '' when there is nothing to do. */
  readonly fix: string;
}

/** A part of a check: one thing that was seen. */
export interface Finding {
  readonly verdict: Verdict;
  /** Of what, when the text does not say it itself: several with the same text are told together. */
  readonly subject?: string;
  readonly text: string;
  readonly fix?: string | undefined;
}

export function finding(verdict: Verdict, text: string, fix?: string): Finding {
  return { verdict, text, ...(fix === undefined ? {} : { fix }) };
}

/** `ok` for nothing at all. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return SEVERITY[Math.max(0, ...verdicts.map((verdict) => SEVERITY.indexOf(verdict)))]!;
}

/** One line of several findings: in their order when all is well, else only what is not. */
export function checkOf(id: string, findings: readonly Finding[], details: readonly string[] = []): Check {
  const verdict = worstOf(findings.map((one) => one.verdict));
  const told = verdict === 'ok' ? findings : findings.filter((one) => one.verdict !== 'ok');
  const worstFirst = told.toSorted((a, b) => SEVERITY.indexOf(b.verdict) - SEVERITY.indexOf(a.verdict));
  return {
    ...{ id, verdict, details },
    summary: [...new Set(worstFirst.map(({ text }) => text))]
      .map((text) => tell(text, worstFirst))
      .join(', '),
    fix: worstFirst.find(({ fix }) => fix !== undefined)?.fix ?? '',
  };
}

function tell(text: string, findings: readonly Finding[]): string {
  const subjects = findings.flatMap((one) => (one.text === text && one.subject ? [one.subject] : []));
  return subjects.length === 0 ? text : `${subjects.join(', ')}: ${text}`;
}
