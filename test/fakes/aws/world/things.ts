import type { Properties } from './properties.ts';

/** Anything that exists in the account, whoever made it. */
export interface Thing {
  /** As CloudFormation names the type: `AWS::EC2::VPC`. */
  readonly type: string;
  /** What CloudFormation calls the physical id, and what `Ref` gives. */
  readonly id: string;
  readonly arn: string;
  properties: Properties;
  /** What `Fn::GetAtt` gives, besides the properties. */
  attributes: Properties;
  tags: Record<string, string>;
  /** In the service's own words: `running`, `in-use`, `Active`. */
  state: string;
  readonly createdAt: Date;
  /** Came with another thing (a VPC's default group) or belongs to AWS (an image): no residue. */
  readonly isImplicit?: boolean;
}

/** All things of the account, by type and id. */
export class Things {
  readonly #byType = new Map<string, Map<string, Thing>>();
  readonly #now: () => Date;
  readonly #ghosts: { readonly thing: Thing; readonly removedAt: Date }[] = [];

  constructor(now: () => Date) {
    this.#now = now;
  }

  put(thing: Thing): Thing {
    const ofType = this.#byType.get(thing.type) ?? new Map<string, Thing>();
    this.#byType.set(thing.type, ofType.set(thing.id, thing));
    return thing;
  }

  find(type: string, id: string): Thing | undefined {
    return this.#byType.get(type)?.get(id);
  }

  /** In the order in which they were made. */
  all(type: string): Thing[] {
    return [...(this.#byType.get(type)?.values() ?? [])];
  }

  everything(): Thing[] {
    return [...this.#byType.values()].flatMap((ofType) => [...ofType.values()]);
  }

  remove(thing: Thing): void {
    if (this.#byType.get(thing.type)?.delete(thing.id) !== true) return;
    this.#ghosts.push({ thing, removedAt: this.#now() });
  }

  /** What was removed within the last minutes: some listings go on showing it. */
  ghosts(minutes: number): Thing[] {
    const since = this.#now().getTime() - minutes * 60_000;
    return this.#ghosts.filter(({ removedAt }) => removedAt.getTime() > since).map(({ thing }) => thing);
  }
}
