import type { Buckets } from '../ports/buckets.ts';
import type { CloudFormation } from '../ports/cloudformation.ts';
import type { DatabaseDump } from '../ports/database-dump.ts';
import type { Parameters } from '../ports/deploy/parameters.ts';
import type { Existence, LeftoverSource, StackHistory, TaggedResources } from '../ports/leftovers.ts';
import type { Networks } from '../ports/networks.ts';
import type { Protection } from '../ports/protection.ts';
import type { Writers } from '../ports/writers.ts';

/** Where the stage lives. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Everything that teardown touches. */
export interface TeardownPorts {
  readonly cloudFormation: Pick<
    CloudFormation,
    'describeStack' | 'listStacks' | 'listResources' | 'deleteStack' | 'protectStack'
  >;
  readonly stackHistory: StackHistory;
  readonly writers: Writers;
  readonly buckets: Buckets;
  readonly networks: Networks;
  readonly leftovers: readonly LeftoverSource[];
  readonly taggedResources: TaggedResources;
  readonly existence: Existence;
  readonly protection: Protection;
}

/** What the command opens: the ports, and where they lead. */
export interface TeardownPlatform extends TeardownPorts {
  /** Asks AWS whose keys these are. @throws SbwError AWS_* (environment) */
  place(): Promise<Place>;
  readonly databaseDump: DatabaseDump;
  /** For the lock that keeps deploys away meanwhile. */
  readonly parameters: Parameters;
  close(): void;
}

export interface Clock {
  now(): Date;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
