/** What no stack deletes, and what AWS itself says is there. Implemented by adapters/aws/leftovers/. */

export type LeftoverKind = 'log-group' | 'parameter' | 'snapshot';

/** A thing that outlives its stack by nature, or was made beside it. */
export interface Leftover {
  readonly kind: LeftoverKind;
  readonly id: string;
  /** Snapshots: GB of the volume; log groups: GB stored; parameters: 0. */
  readonly gigabytes: number;
  /** Null when AWS does not tell. */
  readonly createdAt: Date | null;
  /** Snapshots: the volume it was taken of; else ''. */
  readonly source: string;
}

/** What makes something ours. Names alone never do. */
export interface LeftoverScope {
  readonly stage: string;
  /** `/sbw/dev/` */
  readonly parameterPath: string;
  /** Our data volumes, also those that are gone. */
  readonly volumeIds: readonly string[];
  /** Those that our functions and builds write to, by their exact names. */
  readonly logGroups: readonly string[];
}

export interface LeftoverSource {
  readonly kind: LeftoverKind;
  /** All pages. */
  find(scope: LeftoverScope): Promise<readonly Leftover[]>;
  /** Fine when it is gone already. */
  remove(id: string): Promise<void>;
}

/** Something that carries the stage's tag, as the tagging service lists it. */
export interface TaggedResource {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface TaggedResources {
  /** All pages. The service lags: what was just deleted is listed for a while, see Existence. */
  find(tag: string, value: string): Promise<readonly TaggedResource[]>;
}

/** A thing in the words of its ARN: `ec2`, `vpc`, `vpc-1`. */
export interface ThingName {
  readonly service: string;
  /** '' where ARNs have none: buckets, topics, queues. */
  readonly noun: string;
  readonly id: string;
}

export interface Existence {
  /** Asks the service that owns it; null when we do not know how to ask. */
  exists(thing: ThingName): Promise<boolean | null>;
}

export interface DeletedStack {
  readonly name: string;
  readonly id: string;
  readonly deletedAt: Date | null;
}

/** CloudFormation remembers deleted stacks for 90 days. */
export interface StackHistory {
  /** @param prefix of the stacks' names */
  deletedStacks(prefix: string): Promise<readonly DeletedStack[]>;
}
