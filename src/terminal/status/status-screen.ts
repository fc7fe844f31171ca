import type { StatusReport } from '../../stacks/status/status.ts';

/** What `sbw status` found out, and where. */
export interface StatusScreen {
  readonly report: StatusReport;
  readonly region: string;
  /** Null: nobody could tell whose keys these are. */
  readonly account: string | null;
  readonly checkedAt: Date;
}
