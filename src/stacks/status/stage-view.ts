import { LAYER_NAMES, type LayerName } from '../catalog.ts';
import type { CloudFormation, StackDescription } from '../ports/cloudformation.ts';
import type { Servers } from '../ports/deploy/pipeline.ts';
import type { Health } from '../ports/health.ts';
import type { Settings } from '../settings.ts';
import { isStanding } from '../stack-status.ts';
import { LAYER_TAG, STAGE_TAG, type Stage, stackNameOf } from '../stage.ts';
import { type Check, checkOf, finding } from './check.ts';
import { type Look, look } from './look.ts';

/** What probes ask. */
export interface StatusPorts {
  readonly cloudFormation: Pick<CloudFormation, 'describeStack' | 'listResources'>;
  readonly health: Health;
  readonly servers: Pick<Servers, 'run'>;
}

/** A stage, as its stacks tell; everything that a probe needs. */
export interface StageView {
  readonly ports: StatusPorts;
  readonly stage: Stage;
  readonly settings: Settings;
  readonly stacks: ReadonlyMap<LayerName, Look<StackDescription | null>>;
  /** For one question. */
  readonly limitMs: number;
}

/** All stacks at once, each with its own limit. Never throws. */
export async function viewStage(view: Omit<StageView, 'stacks'>): Promise<StageView> {
  const { ports, stage, limitMs } = view;
  const seen = await Promise.all(
    LAYER_NAMES.map(
      async (layer) =>
        [
          layer,
          await look(limitMs, () => ports.cloudFormation.describeStack(stackNameOf(stage, layer))),
        ] as const,
    ),
  );
  return { ...view, stacks: new Map(seen) };
}

/**
 * A check of what one layer made: asked only when the stack stands, for only then its outputs are true.
 *
 * @param probe gets the stack
 */
export async function checkLayer(
  { stacks, stage }: Pick<StageView, 'stacks' | 'stage'>,
  id: string,
  layer: LayerName,
  probe: (stack: StackDescription) => Promise<Check>,
): Promise<Check> {
  const seen = stacks.get(layer)!;
  if (!seen.isSeen) {
    return checkOf(id, [finding('unknown', `unknown: the stack of ${layer} could not be seen`)]);
  }
  if (seen.value === null || !isStanding(seen.value.status)) {
    return checkOf(id, [finding('absent', 'not deployed')]);
  }
  if (!isOurs(seen.value, stage, layer)) return checkOf(id, [finding('absent', 'not deployed by sbw')]);
  return probe(seen.value);
}

/** Names may be taken by others; tags tell. */
export function isOurs({ tags }: StackDescription, stage: Stage, layer: LayerName): boolean {
  return tags[STAGE_TAG] === stage.name && tags[LAYER_TAG] === layer;
}

/** The command that shows what was changed by hand. */
export function driftCommand({ stage }: Pick<StageView, 'stage'>): string {
  return `sbw status --stage ${stage.name} --drift   shows what was changed by hand`;
}
