/** Where runs are remembered: `.sbw/runs/<id>/` in the project. Implemented by adapters/files/run-records.ts. */
export interface RunRecords {
  /** Makes the folder. */
  begin(id: string, about: RunAbout): Promise<RunRecord>;
  /** Newest first. */
  list(): Promise<readonly RunAbout[]>;
  /** Null when there is no such run. */
  find(id: string): Promise<StoredRun | null>;
}

export interface RunAbout {
  /** `r_20261122_0741_5f2c` */
  readonly id: string;
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly planId: string;
}

export interface RunRecord {
  /** Appends one line. Never throws: a full disk must not stop a deploy. */
  note(event: unknown): void;
  /** Writes a whole file of the run, such as `result.json`. */
  save(name: string, content: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface StoredRun {
  readonly about: RunAbout;
  /** In the order in which they were noted; a line that was cut off by a kill is left out. */
  readonly notes: readonly unknown[];
  /** Null while it runs, and when it was killed. */
  readonly result: unknown;
}
