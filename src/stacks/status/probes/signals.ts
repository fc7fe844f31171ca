import type { AlarmState } from '../../ports/health.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { judge, look } from '../look.ts';
import { type StageView, checkLayer, driftCommand } from '../stage-view.ts';

/** Every alarm of the stage, by the names that its stack gave them. */
export function checkAlarms(view: StageView): Promise<Check> {
  const { cloudFormation, health } = view.ports;
  return checkLayer(view, 'alarms', 'etl', async ({ id }) => {
    const alarms = await look(view.limitMs, async () => {
      const resources = await cloudFormation.listResources(id);
      const names = resources
        .filter(({ type, physicalId }) => type === 'AWS::CloudWatch::Alarm' && physicalId !== '')
        .map(({ physicalId }) => physicalId);
      return { names, found: await health.alarms(names) };
    });
    const firing = alarms.isSeen ? alarms.value.found.filter(({ state }) => state === 'ALARM') : [];
    return checkOf(
      'alarms',
      [judge('', alarms, ({ names, found }) => judgeAlarms(view, names, found))],
      firing.map(({ name, reason }) => `${name}: ${reason}`),
    );
  });
}

/** Runs of the ETL that were given up, of which somebody has to know. */
export function checkDeadLetters(view: StageView): Promise<Check> {
  return checkLayer(view, 'dead-letters', 'etl', async ({ outputs }) => {
    const queued = await look(view.limitMs, () => view.ports.health.queued(outputs['DeadLetterUrl'] ?? ''));
    return checkOf('dead-letters', [
      judge('', queued, (count) => {
        if (count === null) return finding('fail', 'the queue is gone', driftCommand(view));
        if (count === 0) return finding('ok', 'none');
        const runs = count === 1 ? 'run was' : 'runs were';
        return finding('warn', `about ${count} ${runs} given up`, 'sbw etl gaps   shows what was not loaded');
      }),
    ]);
  });
}

function judgeAlarms(view: StageView, names: readonly string[], found: readonly AlarmState[]): Finding {
  const of = (state: AlarmState['state']): AlarmState[] => found.filter((alarm) => alarm.state === state);
  const named = (alarms: readonly AlarmState[]): string => alarms.map(({ name }) => name).join(', ');
  const missing = names.filter((name) => found.every((alarm) => alarm.name !== name));
  const firing = of('ALARM');
  if (firing.length > 0) return finding('fail', `${firing.map(since).join(', ')}`);
  if (missing.length > 0) return finding('warn', `gone: ${missing.join(', ')}`, driftCommand(view));
  const silent = of('INSUFFICIENT_DATA');
  if (silent.length > 0) return finding('unknown', `no data for ${named(silent)}`);
  return finding('ok', `${names.length} quiet`);
}

function since({ name, since: at }: AlarmState): string {
  return at === null ? name : `${name} since ${at.toISOString().slice(0, 16)}Z`;
}
