import type { ResourceChange, StackResource } from '../../ports/cloudformation.ts';
import { type Template, type TemplateResource, titlesOf } from '../template/read-template.ts';

export type ChangeKind = 'create' | 'update' | 'replace' | 'delete' | 'import';

/** What will happen to one resource. */
export interface PlannedChange {
  readonly kind: ChangeKind;
  readonly logicalId: string;
  readonly type: string;
  /** Plain words. */
  readonly title: string;
  /** '' before it is made. */
  readonly physicalId: string;
  /** CloudFormation decides while it works whether this is an update or a replacement; shown as the worse one. */
  readonly isConditional: boolean;
  /** It stops for a moment, and keeps all it has. */
  readonly isRestart: boolean;
  readonly isDataAtRisk: boolean;
  /** `Properties.ImageId` */
  readonly causes: readonly string[];
}

/** Types that hold what no deploy brings back. */
const DATA_TYPES = new Set([
  'AWS::S3::Bucket',
  'AWS::EC2::Instance',
  'AWS::EC2::Volume',
  'AWS::Cognito::UserPool',
]);

/**
 * Changes that CloudFormation calls "conditional" replacements, because they would be for servers without a disk
 * of their own. Ours have one: they stop and start again.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html
 */
const RESTARTS: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::Instance': ['Properties.UserData', 'Properties.InstanceType', 'Properties.EbsOptimized'],
};

/** A stack that is not there yet: everything is made. */
export function creationsOf(resources: readonly TemplateResource[]): readonly PlannedChange[] {
  return resources.map(({ logicalId, type, title }) => ({
    ...{ kind: 'create', logicalId, type, title, physicalId: '' },
    ...{ isConditional: false, isRestart: false, isDataAtRisk: false, causes: [] },
  }));
}

/** What is still there of a creation that failed, and has to go before it can be tried again. */
export function removalsOf(
  remains: readonly StackResource[],
  template: Template,
  dataIds: readonly string[],
): readonly PlannedChange[] {
  const titles = titlesOf(template);
  return remains.map(({ logicalId, physicalId, type }) => ({
    ...{ kind: 'delete', logicalId, type, physicalId, isConditional: false, isRestart: false, causes: [] },
    title: titles.get(logicalId) ?? logicalId,
    isDataAtRisk: DATA_TYPES.has(type) || dataIds.includes(logicalId),
  }));
}

/** What a change set says, in our words. */
export function changesOf(
  changes: readonly ResourceChange[],
  template: Template,
  dataIds: readonly string[],
): readonly PlannedChange[] {
  const titles = titlesOf(template);
  return changes.map((change) => {
    const { logicalId, type, physicalId, details } = change;
    const isRestart = restarts(change);
    const kind = kindOf(change, isRestart);
    const holdsData = DATA_TYPES.has(type) || dataIds.includes(logicalId);
    return {
      ...{ kind, logicalId, type, physicalId, isRestart },
      title: titles.get(logicalId) ?? logicalId,
      isConditional: kind === 'replace' && change.replacement === 'Conditional',
      isDataAtRisk: holdsData && (kind === 'replace' || kind === 'delete'),
      causes: [...new Set(details)].toSorted(),
    };
  });
}

function kindOf({ action, replacement }: ResourceChange, isRestart: boolean): ChangeKind {
  switch (action) {
    case 'Add':
      return 'create';
    case 'Remove':
      return 'delete';
    case 'Import':
      return 'import';
    default:
      return replacement === 'False' || isRestart ? 'update' : 'replace';
  }
}

function restarts({ type, replacement, details }: ResourceChange): boolean {
  const harmless = RESTARTS[type];
  if (harmless === undefined || replacement !== 'Conditional') return false;
  if (!details.some((cause) => harmless.includes(cause))) return false;
  // Tags and metadata may change beside it; they never replace anything.
  return details.every((cause) => !cause.startsWith('Properties') || harmless.includes(cause));
}

/**
 * Changes that would be done and were not shown. Empty: what CloudFormation is about to do is what the operator saw.
 *
 * @param isSettled everything that the plan hung on was known when it was made; otherwise more may turn up, as long
 * as it takes nothing away
 */
export function unannounced(
  shown: readonly PlannedChange[],
  actual: readonly PlannedChange[],
  isSettled: boolean,
): readonly PlannedChange[] {
  const kinds = new Map(shown.map(({ logicalId, kind }) => [logicalId, kind]));
  return actual.filter(({ logicalId, kind }) => {
    const announced = kinds.get(logicalId);
    if (announced === kind || (announced === 'replace' && kind === 'update')) return false;
    return isSettled || kind === 'replace' || kind === 'delete';
  });
}
