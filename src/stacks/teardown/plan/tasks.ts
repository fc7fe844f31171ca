import type { LayerName } from '../../catalog.ts';
import type { LeftoverKind } from '../../ports/leftovers.ts';
import { type Choices, isKept } from './choices.ts';
import { describeContents } from './describe-contents.ts';
import type { Inventory, StackFact } from './inventory.ts';
import type { Action, StepName, Task } from './task.ts';

type Wish = Pick<Task, 'title' | 'step'> & { readonly action: Action } & Partial<
    Pick<Task, 'detail' | 'needs' | 'after'>
  >;

/** Minutes. Beyond them something is wrong that waiting does not mend. */
const DEADLINES: Readonly<Record<Action['type'], number>> = {
  'stop-schedule': 5,
  'stop-ingest': 5,
  'detach-etl': 10,
  // AWS says up to 20; people report an hour and more.
  'free-cards': 75,
  // Ten million objects take an hour.
  'empty-bucket': 12 * 60,
  'allow-writes': 5,
  'delete-stack': 60,
  'delete-snapshots': 10,
  'remove-leftovers': 15,
};

const stackTask = (layer: string): string => `delete-stack:${layer}`;

/** What to do, each task with what it must wait for. Pure. */
export function tasksOf(inventory: Inventory, choices: Choices): Task[] {
  const stacks = inventory.stacks.filter(({ layer }) => !(layer === 'storage' && choices.keep.has('raw')));
  const wishes: [id: string, wish: Wish][] = [
    ...stopping(inventory),
    ...emptying(inventory, choices),
    ...stacks.map((fact): [string, Wish] => [stackTask(fact.layer), deletion(fact, inventory)]),
    ...sweeping(inventory, choices, stacks),
  ];
  const ids = new Set(wishes.map(([id]) => id));
  const isPlanned = (id: string): boolean => ids.has(id);
  return wishes.map(([id, { detail = '', needs = [], after = [], ...wish }]) => ({
    id,
    ...wish,
    detail,
    needs: needs.filter(isPlanned),
    after: after.filter(isPlanned),
    deadlineMinutes: DEADLINES[wish.action.type],
  }));
}

function stopping({ rule, ingest, etl, vpc, stacks }: Inventory): [string, Wish][] {
  const groups = stacks
    .flatMap(({ resources }) => resources)
    .filter(({ type }) => type === 'AWS::EC2::SecurityGroup')
    .map(({ physicalId }) => physicalId);
  const step = 'stop';
  return [
    ...when(rule, ({ name }) => ({
      ...{ step, title: `switch ${name} off` },
      action: { type: 'stop-schedule', rule: name },
    })),
    ...when(ingest, ({ name }) => ({
      ...{ step, title: `turn new events away at ${name}` },
      action: { type: 'stop-ingest', functionName: name },
    })),
    ...when(etl, ({ name }) => ({
      ...{ step, title: `take ${name} out of the VPC`, needs: ['stop-schedule'] },
      action: { type: 'detach-etl', functionName: name },
    })),
    ...when(vpc, ({ id }) => ({
      ...{ step: 'network', title: 'network cards of the ETL', needs: ['detach-etl'] },
      action: { type: 'free-cards', vpcId: id, securityGroupIds: groups },
    })),
  ];
}

function when<T>(fact: T | null, wishFor: (fact: T) => Wish): [string, Wish][] {
  if (fact === null) return [];
  const wish = wishFor(fact);
  return [[wish.action.type, wish]];
}

const STEP_OF_LAYER: Readonly<Record<LayerName, StepName>> = {
  ingest: 'api',
  etl: 'schedule',
  storage: 'buckets',
  warehouse: 'servers',
  'web-db': 'servers',
  'host-bundle': 'servers',
  network: 'network',
};

/** What the deletion of a layer waits for; a layer that is not named here waits for nothing. */
const WAITS_OF_LAYER: Readonly<Record<string, Pick<Wish, 'needs' | 'after'>>> = {
  ingest: { after: ['stop-ingest'] },
  // Lambda frees its cards with the role that this stack holds: deleted too early, it strands them.
  etl: { needs: ['detach-etl', 'free-cards'] },
  warehouse: { after: ['stop-schedule'] },
  // A stuck card costs nothing, the doors do: so the network does not insist on the ETL.
  network: {
    needs: [stackTask('warehouse'), stackTask('web-db')],
    after: ['free-cards', stackTask('etl')],
  },
};

function deletion(fact: StackFact, { buckets }: Inventory): Wish {
  const { layer, stack } = fact;
  return {
    // A stack of a later version of sbw may be of a layer that this one does not know.
    step: (STEP_OF_LAYER as Readonly<Record<string, StepName>>)[layer] ?? 'api',
    title: `stack ${stack.name}`,
    detail: describeContents(fact),
    action: { type: 'delete-stack', name: stack.name, id: stack.id },
    ...(layer === 'storage'
      ? { needs: buckets.map(({ name }) => `empty-bucket:${name}`) }
      : WAITS_OF_LAYER[layer]),
  };
}

function emptying({ buckets }: Inventory, { keep, includesArtifacts }: Choices): [string, Wish][] {
  return buckets.flatMap(({ name, role, isWriteDenied }): [string, Wish][] => {
    const isKeptBucket = keep.has('raw');
    if (isKeptBucket && !(role === 'assets' && includesArtifacts)) {
      if (!isWriteDenied) return [];
      // A teardown that was to delete it got no further than this.
      const action: Action = { type: 'allow-writes', bucket: name };
      return [[`allow-writes:${name}`, { step: 'buckets', title: `let ${name} take objects again`, action }]];
    }
    const needs = role === 'raw' ? ['stop-ingest'] : [stackTask('host-bundle')];
    const action: Action = { type: 'empty-bucket', bucket: name, isDeleted: !isKeptBucket };
    return [[`empty-bucket:${name}`, { step: 'buckets', title: name, action, needs }]];
  });
}

function sweeping(inventory: Inventory, choices: Choices, stacks: readonly StackFact[]): [string, Wish][] {
  const { volumes, leftovers, logGroups } = inventory;
  const idsOf = (kind: LeftoverKind): string[] =>
    leftovers
      .filter((one) => one.kind === kind && !(kind === 'snapshot' && isKept(one.source, inventory, choices)))
      .map(({ id }) => id);
  const lastSnapshots = volumes
    .filter(({ role, isThere }) => isThere && !choices.keep.has(role))
    .map(({ id, role }): [string, Wish] => [
      `delete-snapshots:${role}`,
      {
        ...{ step: 'also', title: `last snapshot of ${id}`, needs: [stackTask(role)] },
        action: { type: 'delete-snapshots', volumeId: id },
      },
    ]);
  const allStacks = stacks.map(({ layer }) => stackTask(layer));
  // A call that came late may make one again that its stack has just deleted.
  const mayComeBack = stacks.length > 0 ? logGroups : [];
  return [
    ...lastSnapshots,
    ...removal('snapshot', idsOf('snapshot'), { needs: [stackTask('warehouse'), stackTask('web-db')] }),
    ...removal('log-group', [...new Set([...idsOf('log-group'), ...mayComeBack])], {
      needs: ['ingest', 'etl', 'host-bundle'].map(stackTask),
    }),
    // Last of all: they hold the passwords, and the word that the stage may go.
    ...removal('parameter', idsOf('parameter'), {
      needs: allStacks,
      after: ['remove:snapshot', 'remove:log-group'],
    }),
  ];
}

function removal(
  kind: LeftoverKind,
  ids: readonly string[],
  waits: Pick<Wish, 'needs' | 'after'>,
): [string, Wish][] {
  if (ids.length === 0) return [];
  const title = `${ids.length} ${kind.replace('-', ' ')}${ids.length === 1 ? '' : 's'}`;
  return [
    [`remove:${kind}`, { step: 'also', title, action: { type: 'remove-leftovers', kind, ids }, ...waits }],
  ];
}
