import { SbwError } from '../../../errors.ts';
import type { CloudFormation, StackEvent } from '../../ports/cloudformation.ts';
import { LAYER_TAG } from '../../stage.ts';
import { readTemplate, titlesOf } from '../template/read-template.ts';
import { type Titles, diagnose } from './diagnose.ts';
import { StackFailure } from './failure.ts';

type Port = Pick<CloudFormation, 'describeStack' | 'events' | 'template'>;

/** What CloudFormation writes on the event that begins an operation. */
const BEGIN = /^(?:User Initiated|Transformation succeeded)$/;
const STACK = 'AWS::CloudFormation::Stack';

/**
 * Why the last operation on a stack failed, told from CloudFormation's own memory.
 *
 * @param stack name; or id, which also reaches deleted stacks for 90 days
 * @returns null when it did not fail
 * @throws SbwError STACK_NOT_FOUND
 */
export async function explainStack(cloudFormation: Port, stack: string): Promise<StackFailure | null> {
  const found = await cloudFormation.describeStack(stack);
  if (found === null) {
    throw new SbwError('STACK_NOT_FOUND', `CloudFormation knows no stack ${stack}.`, {
      fix: 'a deleted stack is found by its id (arn:aws:cloudformation:...), which sbw deploy --explain <run> shows',
    });
  }
  const events = await lastOperation(cloudFormation, found.id);
  if (!events.some(({ status }) => status.endsWith('_FAILED') || status.includes('ROLLBACK'))) return null;
  const titles = await readTitles(cloudFormation, found.id, found.tags[LAYER_TAG] ?? found.name);
  return new StackFailure(
    { stackName: found.name, stackId: found.id, status: found.status, isUntouched: false, serverIds: [] },
    diagnose(events, titles, found.statusReason),
  );
}

async function lastOperation(cloudFormation: Port, stackId: string): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  for await (const page of cloudFormation.events(stackId)) {
    for (const event of page) {
      events.push(event);
      const isBegin = event.type === STACK && event.physicalId === stackId && BEGIN.test(event.reason);
      // The deletion after a failed creation is not what anybody asks about.
      if (isBegin && !event.status.startsWith('DELETE') && event.status !== 'REVIEW_IN_PROGRESS')
        return events;
    }
  }
  return events;
}

/** Without titles the logical ids tell enough. */
async function readTitles(cloudFormation: Port, stackId: string, layer: string): Promise<Titles> {
  try {
    return titlesOf(readTemplate(layer, await cloudFormation.template(stackId)));
  } catch {
    return new Map();
  }
}
