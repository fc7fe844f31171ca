import { LAYER_NAMES, type LayerName } from '../../catalog.ts';
import type { StackDescription } from '../../ports/cloudformation.ts';
import { isStanding, ruleOf } from '../../stack-status.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { judge } from '../look.ts';
import { type StageView, isOurs } from '../stage-view.ts';

/** Every stack that the settings want, and what CloudFormation says of it. */
export function checkStacks(view: StageView): Check {
  const wanted = LAYER_NAMES.filter((layer) => layer !== 'web-db' || isWanted(view, layer));
  const findings = wanted.map((layer) => ({ layer, finding: judgeStack(view, layer) }));
  const good = findings.filter((one) => one.finding.verdict === 'ok').length;
  const isNone = findings.every((one) => one.finding.verdict === 'absent');
  const rest = findings.map((one) => one.finding);
  const deploy = `sbw deploy --stage ${view.stage.name}`;
  if (isNone) return checkOf('stacks', [finding('absent', 'nothing is deployed', deploy)]);
  if (good === wanted.length) return checkOf('stacks', [finding('ok', `${good} stacks${lastChange(view)}`)]);
  // A stage of which only a part is there is no whole stage; but while a deploy makes it, the rest is to come.
  const isChanging = rest.some(({ verdict }) => verdict === 'busy');
  const told = rest.map((one) =>
    one.verdict === 'absent' && !isChanging ? finding('warn', one.text, deploy) : one,
  );
  return checkOf('stacks', told);
}

function isWanted({ settings, stacks }: StageView, layer: LayerName): boolean {
  const seen = stacks.get(layer)!;
  return settings.webDb || !seen.isSeen || seen.value !== null;
}

function judgeStack({ stacks, stage }: StageView, layer: LayerName): Finding {
  return judge(layer, stacks.get(layer)!, (stack) => {
    if (stack === null || stack.status === 'REVIEW_IN_PROGRESS')
      return finding('absent', `${layer} is missing`);
    if (!isOurs(stack, stage, layer)) {
      return finding('fail', `${layer}: sbw did not make the stack ${stack.name}`);
    }
    const { action, meaning, isSuccess } = ruleOf(stack.status);
    const text = `${layer} ${meaning}`;
    const name = stage.name;
    if (action === 'wait') return finding('busy', text, `sbw deploy --stage ${name} --attach`);
    if (isSuccess) return finding('ok', text);
    const explain = `sbw deploy --stage ${name} --explain --stack ${layer}`;
    return finding(action === 'proceed' ? 'warn' : 'fail', text, explain);
  });
}

function lastChange({ stacks }: StageView): string {
  const times = [...stacks.values()].flatMap((seen) =>
    seen.isSeen && seen.value !== null && isStanding(seen.value.status) ? [timeOf(seen.value)] : [],
  );
  return times.length === 0
    ? ''
    : `, last changed ${new Date(Math.max(...times)).toISOString().slice(0, 16)}Z`;
}

function timeOf({ updatedAt, createdAt }: StackDescription): number {
  return (updatedAt ?? createdAt).getTime();
}
