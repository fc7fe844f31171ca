import type { FunctionState, Health, RuleState } from '../../ports/health.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { judge, look } from '../look.ts';
import { type StageView, checkLayer, driftCommand } from '../stage-view.ts';

type Knock = Awaited<ReturnType<Health['knock']>>;

/** The door for events: its function, and an empty request, which has to be refused in our own words. */
export function checkIngest(view: StageView): Promise<Check> {
  const { limitMs, ports } = view;
  return checkLayer(view, 'ingest', 'ingest', async ({ outputs }) => {
    const url = outputs['IngestUrl'] ?? '';
    const [state, answer] = await Promise.all([
      look(limitMs, () => ports.health.lambda(outputs['FunctionName'] ?? '')),
      look(limitMs, () => ports.health.knock(url)),
    ]);
    const findings = [
      judge('door', answer, (found) => judgeKnock(view, found)),
      judge('function', state, (found) => judgeFunction(view, 'function', found)),
    ];
    return checkOf('ingest', findings, [url]);
  });
}

export function checkEtl(view: StageView): Promise<Check> {
  return checkLayer(view, 'etl', 'etl', async ({ outputs }) => {
    const name = outputs['FunctionName'] ?? '';
    const state = await look(view.limitMs, () => view.ports.health.lambda(name));
    return checkOf('etl', [judge('function', state, (found) => judgeFunction(view, name, found))]);
  });
}

export function checkSchedule(view: StageView): Promise<Check> {
  return checkLayer(view, 'schedule', 'etl', async ({ outputs }) => {
    const name = outputs['RuleName'] ?? '';
    const rule = await look(view.limitMs, () => view.ports.health.rule(name));
    return checkOf('schedule', [judge('', rule, (found) => judgeRule(view, name, found))]);
  });
}

function judgeKnock(view: StageView, { status, text, ms }: Knock): Finding {
  if (status === 0) return finding('unknown', `unknown from here: ${text}`);
  if (status === 400) return finding('ok', `answers in ${ms} ms`);
  if (status === 429) return finding('warn', 'turns requests away: more than the throttle lets in');
  return finding('fail', `answers an empty request with ${status} instead of 400`, driftCommand(view));
}

function judgeFunction(view: StageView, name: string, found: FunctionState | null): Finding {
  const stage = view.stage.name;
  if (found === null) return finding('fail', `${name} is gone`, driftCommand(view));
  if (found.reservedConcurrency === 0) {
    const text = `${name} is switched off (no concurrency), as a teardown does first`;
    return finding('fail', text, `sbw teardown --stage ${stage}   if it was interrupted: it goes on`);
  }
  if (found.state === 'Failed' || found.lastUpdate === 'Failed') {
    return finding('fail', `${name} does not work: ${found.reason}`, `sbw deploy --stage ${stage}`);
  }
  if (found.state === 'Pending' || found.lastUpdate === 'InProgress') {
    return finding('busy', `${name} is being updated`);
  }
  // Lambda puts a function to sleep that nobody called for weeks; the next call wakes it.
  return finding('ok', found.state === 'Inactive' ? `${name} asleep` : `${name} active`);
}

function judgeRule(view: StageView, name: string, rule: RuleState | null): Finding {
  if (rule === null) return finding('fail', `${name} is gone`, driftCommand(view));
  if (rule.targets === 0)
    return finding('fail', `${name} starts nothing: it has no target`, driftCommand(view));
  const words = `${name} ${rule.isEnabled ? 'on' : 'off'}, ${rule.schedule}`;
  if (rule.isEnabled) return finding('ok', words);
  if (!view.settings.scheduleEnabled) return finding('ok', `${words}, as the settings say`);
  const fix = `sbw deploy --stage ${view.stage.name}   tests the whole and switches it on`;
  return finding('warn', `${words}: nothing is loaded`, fix);
}
