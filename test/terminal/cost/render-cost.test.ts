import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateMonthly } from '../../../src/stacks/cost/estimate.ts';
import { compareRequestSizes, costPerMillion } from '../../../src/stacks/cost/unit-cost.ts';
import { readSettings } from '../../../src/stacks/settings.ts';
import type { CostReport } from '../../../src/terminal/cost/cost-report.ts';
import { formatMoney, roundMoney } from '../../../src/terminal/cost/money.ts';
import { formatCost } from '../../../src/terminal/cost/render-cost.ts';
import { withoutColour } from '../../../src/terminal/paint.ts';

function reportOf(given: Record<string, unknown>): CostReport {
  const input = readSettings(given);
  return {
    ...{ stage: 'dev', region: 'eu-west-1', basis: 'settings', input, levers: [] },
    ...{
      estimate: estimateMonthly(input),
      perMillion: costPerMillion(input),
      requestSizes: compareRequestSizes(),
    },
  };
}

test('money: what is small is not nothing', () => {
  const cases: [number, string][] = [
    [0, '$0.00'],
    [0.004, '$0.00+'],
    [0.005, '$0.01'],
    [65.006, '$65.01'],
    [-28.5, '-$28.50'],
  ];
  for (const [usd, text] of cases) assert.equal(formatMoney(usd), text);
  assert.equal(roundMoney(0.1 + 0.2), 0.3);
});

test('a stage of which nothing is deployed has no bill', () => {
  const report = reportOf({});
  const nothing = { ...report, basis: 'deployed' as const, estimate: estimateMonthly(report.input, []) };
  assert.equal(formatCost(nothing), 'Nothing of stage dev is deployed in eu-west-1.');
});

test('what the estimate does not know stands at its head', () => {
  const lines = withoutColour(formatCost(reportOf({ warehouseInstanceType: 'm7i.large' }))).split('\n');
  assert.match(lines[0]!, /: at least \$\d/);
  assert.equal(lines[1], 'too low: Warehouse server (m7i.large, no price known) is not in it');
  assert.equal(lines[2], 'another region: eu-west-1 has prices of its own; these are of ap-southeast-1');
  assert.ok(lines.some((line) => /Warehouse server +unknown {2}m7i\.large/.test(line)));
});
