import type { LeftoverSource, ThingName } from '../../ports/leftovers.ts';
import { LAYER_TAG, STAGE_TAG, type Stage, parameterPath, stackNameOf } from '../../stage.ts';
import { type Choices, isKept } from '../plan/choices.ts';
import type { Inventory } from '../plan/inventory.ts';
import { monthlyCostOfLeftover, monthlyCostOfResidue } from '../plan/monthly-cost.ts';
import type { TeardownPorts } from '../ports.ts';
import { kindOf, removalCommand } from './removal-command.ts';
import type { Residue, ResidueCheck, ResidueSource } from './residue.ts';
import { nameInArn, nameInVpc, nameOfLeftover, nameOfResource } from './thing-name.ts';

/** What was there before, and what was to stay: so that the check need not believe what teardown says it did. */
export interface Expectation {
  readonly stage: Stage;
  readonly before: Inventory;
  readonly choices: Choices;
}

type Unproven = ResidueCheck['unknown'][number];

/** Before it is known which command removes it. */
interface Found extends Omit<Residue, 'command'> {
  readonly thing: ThingName;
}

/**
 * What is still there? Four independent answers: CloudFormation's stacks, each thing asked by its name at its own
 * service, the contents of the VPC, and whatever carries the stage's tag, also things that nobody planned.
 */
export async function checkResidue(ports: TeardownPorts, expected: Expectation): Promise<ResidueCheck> {
  const unknown: Unproven[] = notSeenBefore(expected.before);
  const look = async (source: ResidueSource, what: string, work: Promise<Found[]>): Promise<Found[]> => {
    try {
      return await work;
    } catch (error) {
      unknown.push({ source, what, reason: (error as Error).message });
      return [];
    }
  };
  const found = await Promise.all([
    look('stacks', 'stacks', findStacks(ports, expected)),
    ...namesOf(expected).map((thing) => look('names', thing.id, findNamed(ports, thing))),
    ...ports.leftovers.map((source) => look('names', `${source.kind}s`, findLeftovers(source, expected))),
    look('vpc', 'what is in the VPC', findInVpc(ports, expected.before)),
    look('tags', 'what carries the tag of the stage', findTagged(ports, expected)),
  ]);
  return {
    found: withoutRepeats(found.flat()).map(({ thing, ...one }) => ({
      ...one,
      command: commandFor(thing, expected),
    })),
    unknown,
  };
}

/**
 * Looks that only gathering makes: without the volumes of today and of stacks that are gone, nobody knows whose
 * snapshots to ask for.
 */
const ONLY_BEFORE = new Set(['deleted stacks', 'the data volumes']);

function notSeenBefore({ unknown }: Inventory): Unproven[] {
  return unknown.filter(({ what }) => ONLY_BEFORE.has(what)).map((one) => ({ source: 'names', ...one }));
}

function residueOf(source: ResidueSource, thing: ThingName, detail = ''): Found {
  const kind = kindOf(thing);
  return { source, thing, kind, id: thing.id, detail, monthlyCost: monthlyCostOfResidue(kind) };
}

/** A bucket that teardown knows is its own to empty: the AWS CLI has no command that deletes old versions too. */
function commandFor(thing: ThingName, { stage, before }: Expectation): string {
  const isKnownBucket = thing.service === 's3' && before.buckets.some(({ name }) => name === thing.id);
  return isKnownBucket ? `sbw teardown --stage ${stage.name}` : removalCommand(thing, before.region);
}

/** One thing is told once, by the first that found it. */
function withoutRepeats(found: readonly Found[]): Found[] {
  const plain = ({ kind, id }: Found): string => `${kind} ${id.replace(/^\//, '')}`;
  return [...new Map(found.toReversed().map((one) => [plain(one), one])).values()].toReversed();
}

function isOfKeptStack(tags: Readonly<Record<string, string>>, { keep }: Choices): boolean {
  return keep.has('raw') && tags[LAYER_TAG] === 'storage';
}

async function findStacks(
  { cloudFormation }: TeardownPorts,
  { stage, choices }: Expectation,
): Promise<Found[]> {
  const found: Found[] = [];
  for await (const page of cloudFormation.listStacks()) {
    for (const { name, status, statusReason, tags } of page) {
      if (tags[STAGE_TAG] !== stage.name || isOfKeptStack(tags, choices)) continue;
      const thing = { service: 'cloudformation', noun: 'stack', id: name };
      found.push(residueOf('stacks', thing, statusReason === '' ? status : `${status}: ${statusReason}`));
    }
  }
  return found;
}

/** Everything that the stacks named, and the buckets that had no stack any more. */
function namesOf({ before, choices }: Expectation): ThingName[] {
  const isStorageKept = choices.keep.has('raw');
  const resources = before.stacks
    .filter(({ layer }) => !(isStorageKept && layer === 'storage'))
    .flatMap((fact) => fact.resources.flatMap((resource) => nameOfResource(resource) ?? []));
  const buckets = isStorageKept
    ? []
    : before.buckets.map(({ name }) => ({ service: 's3', noun: '', id: name }));
  return [
    ...new Map([...resources, ...buckets].map((thing) => [`${kindOf(thing)} ${thing.id}`, thing])).values(),
  ];
}

async function findNamed({ existence }: TeardownPorts, thing: ThingName): Promise<Found[]> {
  return (await existence.exists(thing)) === true ? [residueOf('names', thing)] : [];
}

async function findLeftovers(
  source: LeftoverSource,
  { stage, before, choices }: Expectation,
): Promise<Found[]> {
  const found = await source.find({
    stage: stage.name,
    parameterPath: parameterPath(stage),
    volumeIds: before.volumes.map(({ id }) => id),
    logGroups: before.logGroups,
  });
  return found
    .filter((one) => !(one.kind === 'snapshot' && isKept(one.source, before, choices)))
    .map((one) => ({
      ...residueOf('names', nameOfLeftover(one.kind, one.id), one.source === '' ? '' : `of ${one.source}`),
      monthlyCost: monthlyCostOfLeftover(one),
    }));
}

async function findInVpc({ networks }: TeardownPorts, { vpc }: Inventory): Promise<Found[]> {
  if (vpc === null || (await networks.describeVpc(vpc.id)) === null) return [];
  const contents = await networks.listContents(vpc.id);
  const inside = contents.map(({ kind, id, name }) => residueOf('vpc', nameInVpc(kind, id), name));
  return [...inside, residueOf('vpc', { service: 'ec2', noun: 'vpc', id: vpc.id }, vpc.tags['Name'])];
}

async function findTagged(
  { taggedResources, existence }: TeardownPorts,
  { stage, before, choices }: Expectation,
): Promise<Found[]> {
  const kept = choices.keep.has('raw')
    ? new Set([...before.buckets.map(({ name }) => name), stackNameOf(stage, 'storage')])
    : new Set<string>();
  const listed = await taggedResources.find(STAGE_TAG, stage.name);
  const found = await Promise.all(
    listed.map(async ({ arn, tags }): Promise<Found[]> => {
      const thing = nameInArn(arn);
      // CloudFormation itself has been asked for its stacks, and the snapshots by what is known of each.
      const isAsked = thing.service === 'cloudformation' || kindOf(thing) === 'ec2:snapshot';
      if (isAsked || kept.has(thing.id) || isOfKeptStack(tags, choices)) return [];
      const exists = await existence.exists(thing);
      if (exists === false) return [];
      const name = tags['Name'] ?? tags[LAYER_TAG] ?? '';
      return [
        residueOf('tags', thing, exists === null ? `${name} (listed; perhaps gone already)`.trim() : name),
      ];
    }),
  );
  return found.flat();
}
