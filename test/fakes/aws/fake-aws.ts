import { setHost, signalTo } from './scripting/host.ts';
import { writeLog } from './scripting/log.ts';
import { type Residue, residueOf } from './scripting/residue.ts';
import { type Seed, seedOf } from './scripting/seed.ts';
import { type Writer, startWriter } from './scripting/writer.ts';
import { listen } from './wire/server.ts';
import type { FakeClock } from './world/clock.ts';
import { type FakeAwsOptions, type HostBehaviour, settingsOf } from './world/options.ts';
import type { Call, CallHook, Failure, ResourceFailure } from './world/script.ts';
import { type BuildRunner, type CommandRunner, type FunctionRunner, World } from './world/world.ts';
import type { Signal } from './resources/operations.ts';

export type { FakeAwsOptions, HostBehaviour } from './world/options.ts';
export type { Call, Failure, ResourceFailure } from './world/script.ts';

/** One AWS account in one region, for as long as a test runs. Its behaviour is written down in README.md. */
export interface FakeAws {
  /** For AWS_ENDPOINT_URL, or `endpoint` of an SDK client. */
  readonly endpointUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly clock: Pick<FakeClock, 'now' | 'advance' | 'finish'>;
  /** Every request so far, in order. */
  readonly calls: readonly Call[];
  /** Lets calls fail; see Failure for which and how often. */
  fail(failure: Failure): void;
  /** Lets CloudFormation fail at a resource. */
  failResource(failure: ResourceFailure): void;
  /** Forbids an action, also to what CloudFormation does in the caller's name: `iam:CreateRole`. */
  deny(action: string): void;
  allow(action: string): void;
  /** Runs before each call is done; what it answers cuts the connection. @returns takes the hook back */
  onCall(hook: CallHook): () => void;
  /** Puts things into the account that no stack made. */
  readonly seed: Seed;
  /** From now on, servers behave so; what is left out stays. */
  setHost(host: Partial<HostBehaviour>): void;
  /** A server's own signal to its wait condition, before or instead of the automatic one. */
  signal(stackName: string, logicalId: string, signal?: Partial<Signal>): void;
  onCommand(runner: CommandRunner): void;
  onInvoke(runner: FunctionRunner): void;
  onBuild(runner: BuildRunner): void;
  /** Lines in a log group; only a group that exists can be read. */
  log(group: string, ...messages: readonly string[]): void;
  /** Something that goes on writing objects while others try to empty the bucket. */
  startWriter(writer: Writer): void;
  /** Everything that exists and is not AWS's own, and whether it costs money. */
  residue(): readonly Residue[];
  /** The world itself, for what only a test can know. */
  readonly world: World;
  close(): Promise<void>;
}

export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const world = new World(settingsOf(options));
  const seed = seedOf(world);
  seed.defaults();
  const server = await listen(world);
  world.endpointUrl = server.url;
  const { script } = world;
  return {
    endpointUrl: server.url,
    region: world.region,
    accountId: world.accountId,
    clock: world.clock,
    calls: script.calls,
    fail: (failure) => script.fail(failure),
    failResource: (failure) => script.failResource(failure),
    deny: (action) => script.deny(action),
    allow: (action) => script.allow(action),
    onCall: (hook) => script.onCall(hook),
    seed,
    setHost: (host) => setHost(world, host),
    signal: (stackName, logicalId, signal = {}) => signalTo(world, stackName, logicalId, signal),
    onCommand: (runner) => {
      world.runCommand = runner;
    },
    onInvoke: (runner) => {
      world.invoke = runner;
    },
    onBuild: (runner) => {
      world.build = runner;
    },
    log: (group, ...messages) => writeLog(world, group, messages),
    startWriter: (writer) => startWriter(world, writer),
    residue: () => residueOf(world),
    world,
    close: () => server.close(),
  };
}
