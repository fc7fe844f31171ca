import { uuid } from '../world/ids.ts';
import type { Properties } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import type { Template } from './template/template.ts';

export interface StackEvent {
  readonly id: string;
  readonly at: Date;
  /** Later than `at` when the test wants late events. */
  readonly visibleAt: Date;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly token: string;
  readonly operationId: string;
}

/** A resource as its stack knows it. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  physicalId: string;
  status: string;
  reason: string;
  at: Date;
  /** As evaluated when it was made or changed last. */
  properties: Properties;
  /** What GetAtt gave then; the living thing's own come first. */
  attributes: Properties;
  metadata: unknown;
  deletionPolicy: string;
  updateReplacePolicy: string;
  dependsOn: readonly string[];
}

/** What one operation works with: the template, what fills it, and who asked. */
export interface Intent {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly replacement: 'True' | 'False' | 'Conditional';
  /** Names of properties, `Tags`, `Metadata`. */
  readonly causes: readonly {
    readonly attribute: 'Properties' | 'Tags' | 'Metadata';
    readonly name: string;
    readonly recreation: string;
  }[];
  readonly policyAction: string;
}

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stack: Stack;
  readonly kind: 'CREATE' | 'UPDATE';
  readonly intent: Intent;
  readonly createdAt: Date;
  readonly onFailure: string;
  readonly clientToken: string;
  status: string;
  reason: string;
  executionStatus: string;
  changes: readonly ResourceChange[];
  /** What early validation says, for DescribeEvents. */
  findings: readonly EarlyFinding[];
}

export interface EarlyFinding {
  readonly validation: string;
  readonly logicalId: string;
  readonly type: string;
  readonly path: string;
  readonly reason: string;
}

/** One resource as it was before an update touched it; null when there was none. */
export interface Undo {
  readonly logicalId: string;
  readonly before: StackResource | null;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  updatedAt: Date | null;
  deletedAt: Date | null;
  status: string;
  reason: string;
  /** What it was asked to become last; before the first execution that of its first change set. */
  intent: Intent;
  /** What it was before an update that is under way or failed. */
  previous: Intent | null;
  isProtected: boolean;
  readonly resources: Map<string, StackResource>;
  readonly events: StackEvent[];
  readonly changeSets: Map<string, ChangeSet>;
  outputs: Readonly<Record<string, string>>;
  /** Of the operation that runs or ran last. */
  token: string;
  operationId: string;
  operationType:
    'CREATE_STACK' | 'UPDATE_STACK' | 'DELETE_STACK' | 'CREATE_CHANGESET' | 'ROLLBACK' | 'CONTINUE_ROLLBACK';
  /** What a rollback of the last update has to take back. */
  undo: readonly Undo[];
  /** New things of a replacement that was taken back: to be deleted with the next clean-up. */
  leftovers: readonly StackResource[];
  /** Ends what runs, so that another operation can take over. */
  interrupt: (() => void) | null;
  driftStatus: string;
}

export function newStack(world: World, name: string, intent: Intent): Stack {
  const id = world.arn('cloudformation', `stack/${name}/${uuid()}`);
  const stack: Stack = {
    id,
    name,
    createdAt: world.clock.now(),
    updatedAt: null,
    deletedAt: null,
    status: 'REVIEW_IN_PROGRESS',
    reason: '',
    intent,
    previous: null,
    isProtected: false,
    resources: new Map(),
    events: [],
    changeSets: new Map(),
    outputs: {},
    token: '',
    operationId: uuid(),
    operationType: 'CREATE_CHANGESET',
    undo: [],
    leftovers: [],
    interrupt: null,
    driftStatus: 'NOT_CHECKED',
  };
  world.stacks.set(id, stack);
  return stack;
}

/** The living stack of that name, or any by its id. */
export function findStack(world: World, nameOrId: string): Stack | undefined {
  const byId = world.stacks.get(nameOrId);
  if (byId !== undefined) return byId;
  return [...world.stacks.values()].find(({ name, deletedAt }) => name === nameOrId && deletedAt === null);
}

/** Every third event is late, when the test wants late events: AWS promises no order of arrival. */
const LATE_ONES = 3;

export function record(
  world: World,
  stack: Stack,
  event: Pick<StackEvent, 'logicalId' | 'physicalId' | 'type' | 'status' | 'reason'>,
): void {
  const at = world.clock.now();
  const { lateMinutes } = world.settings.events;
  const isLate = lateMinutes > 0 && stack.events.length % LATE_ONES === LATE_ONES - 1;
  stack.events.push({
    ...event,
    id:
      event.type === 'AWS::CloudFormation::Stack'
        ? uuid()
        : `${event.logicalId}-${event.status}-${at.toISOString()}-${uuid().slice(0, 8)}`,
    at,
    visibleAt: isLate ? new Date(at.getTime() + lateMinutes * 60_000) : at,
    token: stack.token,
    operationId: stack.operationId,
  });
}

export function setStackStatus(world: World, stack: Stack, status: string, reason = ''): void {
  stack.status = status;
  stack.reason = reason;
  const type = 'AWS::CloudFormation::Stack';
  record(world, stack, { logicalId: stack.name, physicalId: stack.id, type, status, reason });
}

export function setResourceStatus(
  world: World,
  stack: Stack,
  resource: StackResource,
  status: string,
  reason = '',
): void {
  resource.status = status;
  resource.reason = reason;
  resource.at = world.clock.now();
  const { logicalId, physicalId, type } = resource;
  record(world, stack, { logicalId, physicalId, type, status, reason });
}
