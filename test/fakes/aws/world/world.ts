import type { Stack } from '../cloudformation/stack.ts';
import type { BucketContent } from '../services/s3/bucket-content.ts';
import type { AwsFault } from '../wire/fault.ts';
import { FakeClock } from './clock.ts';
import type { HostBehaviour, Settings } from './options.ts';
import { type Properties, text } from './properties.ts';
import { Script } from './script.ts';
import { type Thing, Things } from './things.ts';

export type CommandRunner = (
  instanceId: string,
  lines: readonly string[],
) => {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly minutes: number;
};

export type FunctionRunner = (
  functionName: string,
  payload: unknown,
) => { readonly payload: unknown; readonly error?: 'Unhandled' | 'Handled' };

/** What a build does; it runs for so many minutes, and then its objects lie in their buckets. */
export type BuildRunner = (
  projectName: string,
  variables: Readonly<Record<string, string>>,
) => {
  readonly minutes: number;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly log: readonly string[];
  readonly objects: readonly {
    readonly bucketName: string;
    readonly key: string;
    readonly body: string | Buffer;
  }[];
};

/** One account in one region: all that its services share. */
export class World {
  readonly settings: Settings;
  readonly clock: FakeClock;
  readonly script = new Script();
  readonly things: Things;
  /** By id, deleted ones included. */
  readonly stacks = new Map<string, Stack>();
  /** By bucket name. */
  readonly buckets = new Map<string, BucketContent>();
  /** Of other accounts, or used a moment ago: no bucket may take them. */
  readonly takenBucketNames = new Set<string>();
  host: HostBehaviour;
  /** What a Run Command prints on a server. */
  runCommand: CommandRunner = () => ({ stdout: '', stderr: '', exitCode: 0, minutes: 0.1 });
  /** What a Lambda answers. */
  invoke: FunctionRunner = () => ({ payload: null });
  build: BuildRunner = () => ({ minutes: 12, status: 'SUCCEEDED', log: [], objects: [] });
  /** By log group, oldest first. */
  readonly logEvents = new Map<
    string,
    { readonly at: Date; readonly stream: string; readonly message: string }[]
  >();
  /** By URL. */
  readonly queues = new Map<string, { readonly id: string; readonly body: string }[]>();
  /** Known once the server listens. */
  endpointUrl = '';

  constructor(settings: Settings) {
    this.settings = settings;
    this.host = settings.host;
    this.clock = new FakeClock(settings);
    this.things = new Things(() => this.clock.now());
  }

  get region(): string {
    return this.settings.region;
  }

  get accountId(): string {
    return this.settings.accountId;
  }

  /** `arn:aws:<service>:<region>:<account>:<rest>`; services without regions pass `region: ''`. */
  arn(service: string, rest: string, region = this.region, accountId = this.accountId): string {
    return `arn:aws:${service}:${region}:${accountId}:${rest}`;
  }

  /** Adds a thing as a service would, with the present as its time of birth. */
  add(thing: Omit<Thing, 'createdAt' | 'attributes' | 'tags' | 'state'> & Partial<Thing>): Thing {
    return this.things.put({
      attributes: {},
      tags: {},
      state: 'available',
      createdAt: this.clock.now(),
      ...thing,
    });
  }

  /** @throws AwsFault with the service's own code and words */
  require(type: string, id: string, fault: () => AwsFault): Thing {
    const thing = this.things.find(type, id);
    if (thing === undefined) throw fault();
    return thing;
  }

  /** Things whose property names something: `using('AWS::EC2::Subnet', 'VpcId', 'vpc-1')`. */
  using(type: string, property: string, value: string): Thing[] {
    return this.things.all(type).filter(({ properties }) => text(properties, property) === value);
  }
}

/** A thing with another look at its properties, since they are replaced as a whole. */
export function change(thing: Thing, properties: Properties): void {
  thing.properties = { ...thing.properties, ...properties };
}
