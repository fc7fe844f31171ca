import { SbwError } from '../../errors.ts';
import type { Finding } from './check.ts';

/** What a question to AWS brought. */
export type Look<T> =
  | { readonly isSeen: true; readonly value: T }
  | { readonly isSeen: false; readonly reason: string; readonly fix: string | undefined };

/**
 * Asks, and takes every outcome for an answer: an error and a silence longer than the limit are reasons why nothing
 * was seen. Never throws.
 */
export async function look<T>(limitMs: number, ask: () => Promise<T>): Promise<Look<T>> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Look<T>>((resolve) => {
    const reason = `no answer within ${limitMs / 1000} s`;
    timer = setTimeout(() => resolve({ isSeen: false, reason, fix: undefined }), limitMs);
  });
  try {
    const answer = ask().then((value): Look<T> => ({ isSeen: true, value }), unseen);
    return await Promise.race([answer, silence]);
  } catch (error) {
    return unseen(error);
  } finally {
    clearTimeout(timer);
  }
}

function unseen(error: unknown): Look<never> {
  const reason = error instanceof Error ? error.message : String(error);
  return { isSeen: false, reason, fix: error instanceof SbwError ? error.fix : undefined };
}

/** What the answer means; without one, that it is unknown and why. @param what is asked about */
export function judge<T>(what: string, seen: Look<T>, mean: (value: T) => Finding): Finding {
  if (seen.isSeen) return mean(seen.value);
  return { verdict: 'unknown', subject: what, text: `unknown, ${seen.reason}`, fix: seen.fix };
}
