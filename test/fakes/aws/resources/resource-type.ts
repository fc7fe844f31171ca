import { AwsFault } from '../wire/fault.ts';
import type { Properties } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';

/** What CloudFormation wants made. */
export interface Draft {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly properties: Properties;
  /** Of the stack, of the resource and CloudFormation's own; empty for types that take none. */
  readonly tags: Readonly<Record<string, string>>;
  /** A name for what the template leaves unnamed. */
  generatedName(limit?: number): string;
}

/** How one type of resource lives. Everything that refuses throws an AwsFault in the service's own words. */
export interface ResourceType {
  readonly type: string;
  /** Fake minutes that CloudFormation takes, beside waiting for `isReady` and `isGone`. */
  readonly minutes: { readonly create: number; readonly update: number; readonly delete: number };
  /** What the caller must be allowed to do. */
  readonly actions: { readonly create: string; readonly update: string; readonly delete: string };
  /** Whether stack tags reach it. */
  readonly isTaggable: boolean;
  /** The property that names it in the account, when a template may choose the name. */
  readonly nameProperty: string | null;
  create(draft: Draft, world: World): Thing;
  /** @throws AwsFault when it will never be */
  isReady(thing: Thing, world: World): boolean;
  update(thing: Thing, properties: Properties, world: World): void;
  /** May only begin it: see isGone. A DependencyViolation or its like is tried again for some minutes. */
  remove(thing: Thing, world: World): void;
  isGone(thing: Thing, world: World): boolean;
}

type Given = Pick<ResourceType, 'type' | 'create'> &
  Partial<Omit<ResourceType, 'minutes' | 'actions'>> & {
    readonly minutes?: Partial<ResourceType['minutes']>;
    /** `ec2:Vpc` stands for ec2:CreateVpc, ec2:ModifyVpc and ec2:DeleteVpc. */
    readonly actions: string | ResourceType['actions'];
  };

/** A resource type with what most of them have in common. */
export function resourceType(given: Given): ResourceType {
  const { actions } = given;
  const [service, noun] = typeof actions === 'string' ? actions.split(':') : [];
  return {
    isTaggable: true,
    nameProperty: null,
    isReady: () => true,
    update: (thing, properties) => {
      thing.properties = properties;
    },
    remove: (thing, world) => world.things.remove(thing),
    isGone: (thing, world) =>
      world.things.find(thing.type, thing.id) !== thing || thing.state === 'terminated',
    ...given,
    minutes: { create: 0.25, update: 0.25, delete: 0.25, ...given.minutes },
    actions:
      typeof actions === 'string'
        ? {
            create: `${service!}:Create${noun!}`,
            update: `${service!}:Update${noun!}`,
            delete: `${service!}:Delete${noun!}`,
          }
        : actions,
  };
}

/** Something else still uses it: EC2's usual refusal. */
export const dependencyViolation = (message: string): AwsFault =>
  new AwsFault('DependencyViolation', message);
