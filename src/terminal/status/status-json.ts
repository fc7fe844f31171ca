import { roundMoney } from '../cost/money.ts';
import type { StatusScreen } from './status-screen.ts';

/** `sbw.status/1` of docs/status.md. */
export function statusToJson({ report, region, account, checkedAt }: StatusScreen): Record<string, unknown> {
  const { stage, state, checks, stacks, monthly, blind } = report;
  return {
    schema: 'sbw.status/1',
    ...{ stage, region, account, checked_at: checkedAt.toISOString(), state },
    blind_because: blind?.reason ?? null,
    checks: checks.map(({ id, verdict, summary, details, fix }) => ({
      ...{ id, verdict, summary, details },
      fix: fix === '' ? null : fix,
    })),
    stacks: stacks.map(({ layer, status }) => ({
      layer,
      status: status ?? null,
      seen: status !== undefined,
    })),
    monthly_usd: monthly === null ? null : roundMoney(monthly.total),
    monthly_complete: monthly?.isComplete ?? null,
  };
}
