import type { StackDescription, StackResource } from '../../ports/cloudformation.ts';
import type { Leftover } from '../../ports/leftovers.ts';
import { LAYER_TAG, STAGE_TAG, type Stage, parameterPath, stackNameOf } from '../../stage.ts';
import type { Clock, Place, TeardownPorts } from '../ports.ts';
import { findBuckets } from './gather-buckets.ts';
import { idIn } from './inventory.ts';
import type { Inventory, StackFact, VolumeFact, VolumeRole, WarehouseFact } from './inventory.ts';
import { startLooking } from './look.ts';

type World = { readonly ports: TeardownPorts; readonly clock: Clock };

/**
 * Looks at everything that belongs to the stage. It counts as ours when a stack has both the name and the tag that
 * sbw gives, when such a stack names it, or when it carries the stage's tag itself.
 *
 * @param warehouse what the warehouse said, if anybody could ask it
 * @throws SbwError when the stacks themselves cannot be listed
 */
export async function gather(
  { ports, clock }: World,
  stage: Stage,
  place: Place,
  warehouse: WarehouseFact | null,
): Promise<Inventory> {
  const { look, unknown } = startLooking();
  const { stacks, strangers } = await findStacks(ports, stage);
  const physicalId = (layer: string, logicalId: string): string | null => idIn(stacks, layer, logicalId);
  const past = await look('deleted stacks', findPast(ports, stage), []);
  const resources = [...stacks.flatMap((fact) => fact.resources), ...past.flatMap((one) => one.resources)];
  const find = <T>(
    what: string,
    id: string | null,
    work: (id: string) => Promise<T | null>,
  ): Promise<T | null> => (id === null ? Promise.resolve(null) : look(what, work(id), null));

  const [rule, ingest, etl, vpc, buckets, volumes] = await Promise.all([
    find('the schedule', physicalId('etl', 'Rule'), ports.writers.describeRule),
    find('the ingest function', physicalId('ingest', 'Function'), ports.writers.describeFunction),
    find('the ETL function', physicalId('etl', 'Function'), ports.writers.describeFunction),
    find('the VPC', physicalId('network', 'Vpc'), ports.networks.describeVpc),
    look('the buckets', findBuckets(ports, stage, stacks, look), []),
    look('the data volumes', findVolumes(ports, [...stacks, ...past]), []),
  ]);
  const logGroups = [...new Set(resources.flatMap(logGroupOf))].toSorted();
  const volumeIds = volumes.map(({ id }) => id);
  const scope = { stage: stage.name, parameterPath: parameterPath(stage), volumeIds, logGroups };
  const leftovers = await Promise.all(
    ports.leftovers.map((source) => look<readonly Leftover[]>(`${source.kind}s`, source.find(scope), [])),
  );
  return {
    ...{ stage: stage.name, ...place, at: clock.now(), stacks, strangers, warehouse, unknown },
    ...{ rule, ingest, etl, vpc: vpc?.isDefault === true ? null : vpc, buckets, volumes, logGroups },
    leftovers: leftovers.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

async function findStacks(
  { cloudFormation }: TeardownPorts,
  stage: Stage,
): Promise<{ stacks: StackFact[]; strangers: string[] }> {
  const ours: { layer: string; stack: StackDescription }[] = [];
  const strangers: string[] = [];
  for await (const page of cloudFormation.listStacks()) {
    for (const stack of page) {
      const layer = stack.tags[LAYER_TAG];
      const isNamed = layer !== undefined && stack.name === stackNameOf(stage, layer);
      if (stack.tags[STAGE_TAG] === stage.name && isNamed) ours.push({ layer, stack });
      // Of another stage when its tags say so: sbw-dev-2-network is no stranger to dev.
      else if (stack.name.startsWith(stackNameOf(stage, '')) && stack.tags[STAGE_TAG] === undefined) {
        strangers.push(stack.name);
      }
    }
  }
  const stacks = await Promise.all(
    ours.map(async ({ layer, stack }): Promise<StackFact> => {
      const resources = await cloudFormation.listResources(stack.id);
      return { layer, stack, resources: resources.filter(isThere) };
    }),
  );
  return { stacks: stacks.toSorted((a, b) => (a.layer < b.layer ? -1 : 1)), strangers };
}

function isThere({ physicalId, status }: StackResource): boolean {
  return physicalId !== '' && status !== 'DELETE_COMPLETE';
}

type PastFact = Pick<StackFact, 'layer' | 'resources'>;

/** Layers that leave things behind by nature: last snapshots, log groups that came back. */
const LEAVING_LAYERS = ['warehouse', 'web-db', 'ingest', 'etl', 'host-bundle'];
/** Of each layer; who deploys every day has many. */
const PAST_STACKS = 3;

/** The newest stacks that are gone, with what they had. */
async function findPast({ cloudFormation, stackHistory }: TeardownPorts, stage: Stage): Promise<PastFact[]> {
  const deleted = await stackHistory.deletedStacks(stackNameOf(stage, ''));
  const wanted = LEAVING_LAYERS.flatMap((layer) =>
    deleted
      .filter(({ name }) => name === stackNameOf(stage, layer))
      .toSorted((a, b) => (b.deletedAt?.getTime() ?? 0) - (a.deletedAt?.getTime() ?? 0))
      .slice(0, PAST_STACKS)
      .map(({ id }) => ({ layer, id })),
  );
  return Promise.all(
    wanted.map(async ({ layer, id }) => {
      const resources = await cloudFormation.listResources(id);
      return { layer, resources: resources.filter(({ physicalId }) => physicalId !== '') };
    }),
  );
}

/** Where a resource writes its log by itself, without any stack knowing. */
function logGroupOf({ type, physicalId }: StackResource): string[] {
  if (type === 'AWS::Lambda::Function') return [`/aws/lambda/${physicalId}`];
  return type === 'AWS::CodeBuild::Project' ? [`/aws/codebuild/${physicalId}`] : [];
}

/** Also those of stacks that are gone: their last snapshots may still be there. */
async function findVolumes({ networks }: TeardownPorts, facts: readonly PastFact[]): Promise<VolumeFact[]> {
  const roles: readonly VolumeRole[] = ['warehouse', 'web-db'];
  const wanted = new Map(
    roles.flatMap((role) =>
      facts
        .filter(({ layer }) => layer === role)
        .flatMap(({ resources }) => resources)
        .filter(({ logicalId }) => logicalId === 'DataVolume')
        .map(({ physicalId }) => [physicalId, role] as const),
    ),
  );
  if (wanted.size === 0) return [];
  const found = new Map((await networks.listVolumes([...wanted.keys()])).map((one) => [one.id, one]));
  return [...wanted].map(([id, role]) => ({
    ...{ id, role },
    gigabytes: found.get(id)?.gigabytes ?? 0,
    isThere: found.has(id),
  }));
}
