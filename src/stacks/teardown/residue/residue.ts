/** Something that is still there after a teardown. */
export interface Residue {
  /** Which look found it. */
  readonly source: ResidueSource;
  /** `ec2:vpc`, `bucket`, `stack`, `network-card`. */
  readonly kind: string;
  /** Id, name or ARN. */
  readonly id: string;
  readonly detail: string;
  /** USD; null when it depends on its size. */
  readonly monthlyCost: number | null;
  /** To paste. */
  readonly command: string;
}

export const RESIDUE_SOURCES = ['stacks', 'names', 'vpc', 'tags'] as const;
export type ResidueSource = (typeof RESIDUE_SOURCES)[number];

export interface ResidueCheck {
  readonly found: readonly Residue[];
  /** Looks that could not be made: nothing is proven there. */
  readonly unknown: readonly {
    readonly source: ResidueSource;
    readonly what: string;
    readonly reason: string;
  }[];
}

export function isClean({ found, unknown }: ResidueCheck): boolean {
  return found.length === 0 && unknown.length === 0;
}
