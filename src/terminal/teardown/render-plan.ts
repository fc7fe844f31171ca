import type { Terminal } from '../../context.ts';
import type { BucketContent } from '../../stacks/teardown/plan/inventory.ts';
import type { Loss, TeardownPlan } from '../../stacks/teardown/plan/plan.ts';
import { STEPS, type Task } from '../../stacks/teardown/plan/task.ts';
import { formatBytes, formatCountOf, formatTime } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { fit } from '../wrap.ts';

type Screen = Pick<Terminal, 'isInteractive' | 'width'>;

/** Where the tasks stand, behind number and name of their step. */
const TASK_COLUMN = 13;

/** What teardown will do, step by step, and which data dies. */
export function formatTeardownPlan(plan: TeardownPlan, terminal: Screen): string {
  const head = [
    `Teardown plan ${plan.id}`,
    `stage ${plan.stage}`,
    `account ${formatAccount(plan.account)}`,
    plan.region,
  ];
  const saves = plan.tasks.length === 0 ? [] : [`saves about ${formatMonthly(plan.monthlySaving)}`];
  const width = terminal.isInteractive ? terminal.width : Infinity;
  const lines = [
    [...head, ...saves].join('   '),
    ...(plan.tasks.length === 0 ? ['  nothing to delete'] : formatSteps(plan, width)),
    ...formatLosses(plan),
    ...plan.kept.map(
      ({ what, name, monthlyCost }) =>
        ` ${paint.green('keep')}  ${what}: ${formatKept(what, name)}, ${formatMonthly(monthlyCost)}`,
    ),
    ...plan.strangers.map(
      (name) => ` ${paint.yellow('leave')} stack ${oneLine(name)}: named like ours, but without our tags`,
    ),
    ...plan.unknown.map(
      ({ what, reason }) => ` ${paint.yellow('could not look')} at ${oneLine(what)}: ${oneLine(reason, 300)}`,
    ),
  ];
  return fit(terminal, lines.join('\n'));
}

function formatSteps({ tasks }: TeardownPlan, width: number): string[] {
  return STEPS.flatMap(({ number, name }) =>
    tasks
      .filter(({ step }) => step === name)
      .flatMap((task) => wrapWords(`${formatTask(task)}${formatDetail(task)}`, width - TASK_COLUMN))
      .map((line, index) => `${index === 0 ? ` ${number} ${name}` : ''}`.padEnd(TASK_COLUMN) + line),
  );
}

function wrapWords(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length > room) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function formatDetail({ action, detail }: Task): string {
  if (action.type === 'free-cards') return ' (up to 20 min, others go on meanwhile)';
  return detail === '' ? '' : ` (${oneLine(detail, 400)})`;
}

/** A task as the plan and the progress name it. */
export function formatTask({ action, title }: Task): string {
  switch (action.type) {
    case 'empty-bucket':
      return `${action.isDeleted ? 'empty and delete' : 'empty'} bucket ${oneLine(title)}`;
    case 'free-cards':
      return `release the ${oneLine(title)}`;
    case 'delete-stack':
    case 'delete-snapshots':
    case 'remove-leftovers':
      return `delete ${oneLine(title)}`;
    default:
      return oneLine(title);
  }
}

function formatLosses({ losses }: TeardownPlan): string[] {
  if (losses.length === 0) return [];
  return [`Data that dies:`, ...losses.map((loss) => `  ${paint.red('DATA')}  ${formatLoss(loss)}`)];
}

function formatLoss(loss: Loss): string {
  switch (loss.kind) {
    case 'bucket': {
      const { role, name, content, hoursNotLoaded } = loss;
      const open =
        hoursNotLoaded === null
          ? ''
          : hoursNotLoaded === 0
            ? ', every hour loaded'
            : `, ${paint.red(`${formatCountOf(hoursNotLoaded, 'hour')} NEVER LOADED`)}`;
      return `${role} bucket ${oneLine(name)}: ${formatContent(content)}${open}`;
    }
    case 'volume': {
      const { role, id, gigabytes, lastSnapshotAt, warehouse } = loss;
      const server = role === 'warehouse' ? 'warehouse' : 'web database';
      const rows = warehouse === null ? '' : `, ${formatCountOf(warehouse.rows, 'row')}`;
      const unknown =
        role === 'warehouse' && warehouse === null ? ', rows unknown (not reachable from here)' : '';
      const snapshot =
        lastSnapshotAt === null ? 'no snapshot' : `last snapshot ${formatTime(lastSnapshotAt)} UTC`;
      return `${server} volume ${id}: ${gigabytes} GB${rows}${unknown}, ${snapshot}`;
    }
    case 'snapshots': {
      const newest = loss.newestAt === null ? '' : `, newest ${formatTime(loss.newestAt)} UTC`;
      return `${formatCountOf(loss.count, 'snapshot')} of data volumes${newest}`;
    }
  }
}

function formatContent({ objects, versions, bytes, oldestAt, isCut }: BucketContent): string {
  if (versions === 0) return 'empty';
  const least = isCut ? 'at least ' : '';
  const older = versions > objects ? ` (${formatCountOf(versions, 'version')})` : '';
  const oldest = oldestAt === null ? '' : `, oldest ${formatTime(oldestAt)} UTC`;
  return `${least}${formatCountOf(objects, 'object')}${older}, ${formatBytes(bytes)}${oldest}`;
}

function formatKept(what: string, name: string): string {
  return what === 'raw' ? `bucket ${oneLine(name)}` : `a snapshot of ${oneLine(name)}`;
}

/** `$52.10/month` */
export function formatMonthly(usd: number): string {
  return `$${usd.toFixed(2)}/month`;
}

/** `1234-5678-9012` */
export function formatAccount(account: string): string {
  return account.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
}
