import { type LayerName, layerOf } from '../../catalog.ts';
import type { StackDescription } from '../../ports/cloudformation.ts';
import type { Settings } from '../../settings.ts';
import { isStanding, ruleOf } from '../../stack-status.ts';
import { type Stage, stackNameOf, tagsOf } from '../../stage.ts';
import type { Facts } from './facts.ts';
import type { StackState } from './plan.ts';
import { outputsOf, parametersOf, valuesOf } from './values.ts';

/** What is asked of a deploy. */
export interface DeployRequest {
  readonly stage: Stage;
  readonly settings: Settings;
  /** In the order of the catalog. */
  readonly layers: readonly LayerName[];
  /** True: the server's packages are collected anew, although there are some. */
  readonly renewsPackages?: boolean;
}

/** A layer before anybody has asked CloudFormation what it would change. */
export interface LayerDraft {
  readonly layer: LayerName;
  readonly stackName: string;
  /** `compare`: only CloudFormation can tell. */
  readonly action: 'create' | 'recreate' | 'compare' | 'none';
  readonly before: StackState | null;
  readonly parameters: Readonly<Record<string, string | null>>;
  /** No null among the parameters. */
  readonly isKnown: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** Pure. What is the same, text for text, needs no question: a deploy that has nothing to do must be quick. */
export function draftLayers({ stage, settings, layers }: DeployRequest, facts: Facts): readonly LayerDraft[] {
  const values = valuesOf(stage, settings, facts);
  const outputs = outputsOf(facts.stacks);
  return layers.map((layer) => {
    const stack = facts.stacks.get(layer) ?? null;
    const parameters = parametersOf(stage, layer, values, outputs);
    const tags = tagsOf(stage, layer);
    const isKnown = Object.values(parameters).every((value) => value !== null);
    return {
      ...{ layer, stackName: stackNameOf(stage, layer), parameters, isKnown, tags },
      action: actionFor(layer, stack, { parameters, tags }, facts),
      before: stateOf(stack),
    };
  });
}

function actionFor(
  layer: LayerName,
  stack: StackDescription | null,
  { parameters, tags }: Pick<LayerDraft, 'parameters' | 'tags'>,
  facts: Facts,
): LayerDraft['action'] {
  if (stack === null || stack.status === 'REVIEW_IN_PROGRESS') return 'create';
  if (ruleOf(stack.status).action === 'delete-and-retry') return 'recreate';
  const isSame =
    facts.deployed.get(layer) === facts.templates.get(layer)?.text &&
    contains(stack.parameters, parameters) &&
    contains(stack.tags, tags);
  return isSame ? 'none' : 'compare';
}

/** What is not known yet is taken for different. */
function contains(
  actual: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string | null>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => value !== null && actual[name] === value);
}

function stateOf(stack: StackDescription | null): StackState | null {
  if (stack === null || stack.status === 'REVIEW_IN_PROGRESS') return null;
  const { id, status, updatedAt, createdAt } = stack;
  return { stackId: id, status, changedAt: (updatedAt ?? createdAt).toISOString() };
}

/** Layers that must be there although nobody asked for them, and are not. */
export function missingNeeds({ layers }: DeployRequest, facts: Pick<Facts, 'stacks'>): readonly LayerName[] {
  const needed = new Set(layers.flatMap((layer) => layerOf(layer).needs));
  return [...needed].filter(
    (need) => !layers.includes(need) && !isStanding(facts.stacks.get(need)?.status ?? 'DELETE_COMPLETE'),
  );
}
