import type { Unknown } from './inventory.ts';

/** Looks at something; what cannot be looked at is noted, and the rest goes on. */
export type Look = <T>(what: string, work: Promise<T>, otherwise: T) => Promise<T>;

export function startLooking(): { readonly look: Look; readonly unknown: readonly Unknown[] } {
  const unknown: Unknown[] = [];
  const look: Look = async (what, work, otherwise) => {
    try {
      return await work;
    } catch (error) {
      unknown.push({ what, reason: (error as Error).message });
      return otherwise;
    }
  };
  return { look, unknown };
}
