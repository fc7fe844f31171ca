import { SbwError } from '../../../errors.ts';
import { LAYER_NAMES, type LayerName, layerOf } from '../../catalog.ts';
import type { BuiltBundle } from '../../ports/deploy/host-bundle.ts';
import { lacksProtection } from '../../protection.ts';
import type { Stage } from '../../stage.ts';
import type { DeployRequest } from '../plan/draft.ts';
import type { Facts } from '../plan/facts.ts';
import { findStacks } from '../plan/gather.ts';
import type { DeployPlan, LayerPlan } from '../plan/plan.ts';
import { bucketNames, outputsOf, parametersOf, valuesOf } from '../plan/values.ts';
import type { Clock, DeployPorts } from '../ports.ts';
import { uploadAssets } from '../steps/assets.ts';
import { forgetRelease, recordRelease, releaseOf, updateHost } from '../steps/host.ts';
import { makeSecrets, readsServer } from '../steps/secrets.ts';
import { type SmokeStep, runSmokeTest } from '../steps/smoke-test.ts';
import { deployLayer } from './deploy-layer.ts';
import type { Emit, TaskId, TaskOutcome } from './event.ts';
import { withEvidence } from './evidence.ts';
import { type Task, runTasks } from './run-tasks.ts';

export interface ApplyWorld {
  readonly ports: DeployPorts;
  readonly clock: Clock;
  /** Nothing new is begun after it. */
  readonly stop: AbortSignal;
  /** Stops waiting for what has begun. */
  readonly leave: AbortSignal;
  /** Marks everything that this run does in CloudFormation: letters, digits and hyphens. */
  readonly token: string;
  newId(): string;
  readonly emit: Emit;
}

export interface DeployReport {
  readonly plan: DeployPlan;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly ends: ReadonlyMap<TaskId, TaskOutcome>;
  /** Of every stack of the stage that is there now. */
  readonly outputs: ReadonlyMap<LayerName, Readonly<Record<string, string>>>;
  readonly smoke: readonly SmokeStep[];
  /** What the warehouse server has to tell, such as a newer kernel that waits for a restart. */
  readonly hostNotes: readonly string[];
}

/** Made while the plan is applied. */
interface Progress {
  readonly outputs: Map<LayerName, Readonly<Record<string, string>>>;
  bundle: BuiltBundle | null;
  smoke: readonly SmokeStep[];
  hostNotes: readonly string[];
}

/** Does what the plan says, independents side by side. Failures are in the report, not thrown. */
export async function applyPlan(
  world: ApplyWorld,
  request: DeployRequest,
  facts: Facts,
  plan: DeployPlan,
): Promise<DeployReport> {
  const startedAt = world.clock.now();
  const progress: Progress = {
    ...{ outputs: new Map(outputsOf(facts.stacks)), bundle: facts.bundle },
    ...{ smoke: [], hostNotes: [] },
  };
  const tasks = [
    ...layerTasks(world, request, facts, plan, progress),
    ...stepTasks(world, request, facts, plan, progress),
  ];
  const ends = await runTasks(
    world,
    tasks.map((task) => ({ ...task, run: () => runTask(world, task) })),
  );
  const { outputs, smoke, hostNotes } = progress;
  return { plan, startedAt, endedAt: world.clock.now(), ends, outputs, smoke, hostNotes };
}

async function runTask({ ports }: ApplyWorld, { run }: Task): Promise<'done' | 'unchanged'> {
  try {
    return await run();
  } catch (error) {
    throw await withEvidence(ports.servers, error as Error);
  }
}

function layerTasks(
  world: ApplyWorld,
  { stage, settings }: DeployRequest,
  facts: Facts,
  plan: DeployPlan,
  progress: Progress,
): readonly Task[] {
  const run = async (layer: LayerPlan): Promise<'done' | 'unchanged'> => {
    const values = valuesOf(stage, settings, { ...facts, bundle: progress.bundle });
    const parameters = parametersOf(stage, layer.layer, values, progress.outputs);
    const ready = {
      plan: layer,
      template: facts.templates.get(layer.layer)!,
      parameters: requireComplete(layer, parameters),
    };
    const { cloudFormation, earlyValidation } = world.ports;
    const { clock, leave, token, emit } = world;
    const result = await deployLayer(
      { cloudFormation, earlyValidation, clock, leave, token, emit, stage },
      ready,
    );
    progress.outputs.set(layer.layer, result.outputs);
    return result.outcome;
  };
  return plan.layers
    .filter(({ action, isSettled }) => action !== 'none' || !isSettled)
    .map((layer) => ({
      id: layer.layer,
      needs: [...layerOf(layer.layer).needs, ...stepsBefore(layer.layer)],
      run: () => run(layer),
    }));
}

/** Steps that were not planned are no needs: see runTasks. */
function stepsBefore(layer: LayerName): readonly TaskId[] {
  switch (layer) {
    case 'storage':
    case 'network':
      return [];
    case 'warehouse':
      return ['secrets', 'assets', 'bundle'];
    case 'web-db':
      return ['secrets'];
    // Its code may need tables that only the newer server has.
    case 'etl':
      return ['assets', 'host'];
    default:
      return ['assets'];
  }
}

/** @throws SbwError OUTPUT_MISSING */
function requireComplete(
  { layer, parameters: planned }: LayerPlan,
  parameters: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const missing = Object.keys(planned).find((name) => parameters[name] == null);
  if (missing === undefined) return parameters as Record<string, string>;
  throw new SbwError('OUTPUT_MISSING', `Nothing says what ${missing} of ${layer} is.`, {
    fix: `deploy what it comes from as well: sbw deploy --only ${[...layerOf(layer).needs, layer].join(',')}`,
  });
}

function stepTasks(
  world: ApplyWorld,
  { stage, settings }: DeployRequest,
  facts: Facts,
  { steps, layers }: DeployPlan,
  progress: Progress,
): readonly Task[] {
  const { ports, clock, emit, leave } = world;
  const bucket = bucketNames(valuesOf(stage, settings, facts)).assets;
  const output = (layer: LayerName, name: string): string => requireOutput(progress, layer, name);
  const say =
    (task: TaskId) =>
    (text: string): void =>
      emit({ type: 'task-progress', task, text });
  const tasks: (Task & { readonly isPlanned: boolean })[] = [
    {
      ...{ id: 'secrets', isPlanned: steps.secrets.length > 0, needs: [] },
      run: async () => {
        // First: a deploy that is killed from here on is made up for.
        if (steps.secrets.some(readsServer)) await forgetRelease(ports.parameters, stage);
        await makeSecrets(ports.parameters, stage, steps.secrets, clock.now());
        return 'done';
      },
    },
    {
      ...{ id: 'assets', isPlanned: steps.uploads.length > 0, needs: ['storage'] },
      run: () => uploadAssets(ports.assetStore, bucket, facts.assets, say('assets')),
    },
    {
      ...{ id: 'bundle', isPlanned: steps.buildsBundle, needs: ['host-bundle', 'assets'] },
      run: async () => {
        const sourceKey = facts.assets.find(({ name }) => name === 'bundle-source')?.key ?? '';
        const wanted = { projectName: output('host-bundle', 'ProjectName'), bucket, sourceKey };
        progress.bundle = await ports.hostBundle.build(wanted, say('bundle'), leave);
        return 'done';
      },
    },
    {
      ...{ id: 'host', isPlanned: steps.updatesHost, needs: ['warehouse', 'assets', 'bundle'] },
      run: async () => {
        const values = valuesOf(stage, settings, { ...facts, bundle: progress.bundle });
        const instanceId = output('warehouse', 'InstanceId');
        const release = releaseOf(values, instanceId)!;
        // Packages that were collected anew may turn out to be the same.
        if (release === facts.hostRelease && !steps.secrets.some(readsServer)) return 'unchanged';
        const made = layers.find(({ layer }) => layer === 'warehouse')?.action;
        // A server that came with its stack just now has reported that it runs the release.
        if (made !== 'create' && made !== 'recreate') {
          const host = { servers: ports.servers, clock, leave, say: say('host') };
          progress.hostNotes = await updateHost(host, {
            ...{ instanceId, isFresh: instanceId !== facts.stacks.get('warehouse')?.outputs['InstanceId'] },
            hashes: { bundle: values.bundleSha256!, provision: values.provisionSha256! },
          });
        }
        await recordRelease(ports.parameters, stage, release);
        return 'done';
      },
    },
    {
      ...{
        id: 'smoke',
        isPlanned: steps.smokeTest,
        needs: ['storage', 'warehouse', 'host', 'ingest', 'etl'],
      },
      run: async () => {
        const target = {
          ingestUrl: output('ingest', 'IngestUrl'),
          rawBucket: output('storage', 'RawBucketName'),
          etlFunction: output('etl', 'FunctionName'),
          instanceId: output('warehouse', 'InstanceId'),
        };
        const smoke = { ...ports, clock, leave, newId: () => world.newId() };
        progress.smoke = await runSmokeTest(
          { ...smoke, emit: (step) => emit({ type: 'smoke-step', step }) },
          target,
        );
        return 'done';
      },
    },
    {
      ...{ id: 'protection', isPlanned: steps.protects, needs: LAYER_NAMES },
      run: () => protectStacks(ports, stage),
    },
    {
      ...{ id: 'schedule', isPlanned: steps.schedule !== 'none', needs: ['etl', 'smoke'] },
      run: () => setSchedule(ports, steps.schedule, output('etl', 'RuleName')),
    },
  ];
  return tasks.filter(({ isPlanned }) => isPlanned);
}

/** Sooner it would keep CloudFormation from cleaning up after a first try that failed. */
async function protectStacks(ports: DeployPorts, stage: Stage): Promise<'done'> {
  for (const stack of (await findStacks(ports, stage)).values()) {
    if (stack !== null && lacksProtection(stack)) await ports.cloudFormation.protectStack(stack.id, true);
  }
  return 'done';
}

async function setSchedule(
  { pipeline }: DeployPorts,
  wish: DeployPlan['steps']['schedule'],
  ruleName: string,
): Promise<'done' | 'unchanged'> {
  const isEnabled = await pipeline.isRuleEnabled(ruleName);
  if (isEnabled === (wish === 'enable')) return 'unchanged';
  await (wish === 'enable' ? pipeline.enableRule(ruleName) : pipeline.disableRule(ruleName));
  return 'done';
}

/** @throws SbwError OUTPUT_MISSING */
function requireOutput({ outputs }: Progress, layer: LayerName, name: string): string {
  const value = outputs.get(layer)?.[name];
  if (value !== undefined && value !== '') return value;
  throw new SbwError('OUTPUT_MISSING', `The stack ${layer} does not say what its ${name} is.`, {
    fix: `sbw deploy --only ${layer}`,
  });
}
