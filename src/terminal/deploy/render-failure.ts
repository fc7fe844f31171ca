import { SbwError } from '../../errors.ts';
import type { Diagnosis } from '../../stacks/deploy/diagnose/diagnose.ts';
import { StackFailure } from '../../stacks/deploy/diagnose/failure.ts';
import { oneLine, paint } from '../paint.ts';

/** Whatever failed: for a stack its root cause with evidence, for anything else what it says. */
export function formatFailure(title: string, error: Error, more: string | null): string {
  if (error instanceof StackFailure) return formatStackFailure(title, error, more);
  const code = error instanceof SbwError ? error.code : 'UNEXPECTED';
  const fix = error instanceof SbwError ? error.fix : undefined;
  return [
    `${paint.red('FAILED')}  ${oneLine(title)}: ${oneLine(error.message, 1000)}   ${code}`,
    ...(fix === undefined ? [] : [`  fix     ${oneLine(fix, 500)}`]),
  ].join('\n');
}

function formatStackFailure(title: string, { failed, diagnosis }: StackFailure, more: string | null): string {
  const { code, headline, reason, evidence, evidenceProblem, others, cancelled, fix } = diagnosis;
  const beside = others.map(
    ({ logicalId, reason: why }) => `  beside  ${oneLine(logicalId)}: ${oneLine(why, 200)}`,
  );
  return [
    `${paint.red('FAILED')}  ${oneLine(title)}: ${oneLine(headline, 300)}   ${code}`,
    `  said    ${oneLine(reason, 1500)}`,
    `  where   ${formatWhere(failed.stackName, diagnosis)}`,
    `  from    ${oneLine(diagnosis.source)}`,
    ...beside.slice(0, 3),
    ...(beside.length > 3 ? [`  beside  and ${beside.length - 3} more that failed by themselves`] : []),
    ...(cancelled > 0 ? [`  after   ${cancelled} more stopped because of it`] : []),
    ...(evidence.length > 0 ? ['  console', ...evidence.map((line) => `    | ${oneLine(line, 200)}`)] : []),
    ...(evidenceProblem === '' ? [] : [`  note    ${oneLine(evidenceProblem, 300)}`]),
    `  effect  ${describeEffect(failed.status, failed.isUntouched)}`,
    ...(fix === undefined ? [] : [`  fix     ${oneLine(fix, 500)}`]),
    ...(more === null ? [] : [`  more    ${oneLine(more)}`]),
  ].join('\n');
}

function formatWhere(stackName: string, { logicalId, title, physicalId, at }: Diagnosis): string {
  const resource =
    logicalId === ''
      ? ''
      : `, ${oneLine(title)} (${oneLine(logicalId)}${physicalId === '' ? '' : ` ${oneLine(physicalId, 100)}`})`;
  const time = at === null ? '' : `, ${at.toISOString().slice(11, 19)} UTC`;
  return `stack ${oneLine(stackName)}${resource}${time}`;
}

function describeEffect(status: string, isUntouched: boolean): string {
  if (isUntouched) return 'nothing was changed in this stack';
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'DELETE_COMPLETE':
      return 'what was made of this stack was deleted again; the next deploy starts it afresh';
    case 'UPDATE_ROLLBACK_COMPLETE':
      return 'this stack is as it was before';
    case 'UPDATE_ROLLBACK_FAILED':
      return 'this stack could not be taken back; the next deploy tries that first';
    default:
      return `this stack is in ${oneLine(status)}`;
  }
}
