import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';

/** What can be asked of a thing, by EC2's names of filters. */
export type Facets = Readonly<Record<string, string | readonly string[]>>;

/**
 * Whether a thing passes; values may hold `*` and `?`.
 * @throws AwsFault InvalidParameterValue for a filter that the listing does not know, as EC2 does
 */
export function passes(thing: Thing, filters: readonly Filter[] | undefined, facets: Facets): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    const found = facetOf(thing, Name, facets);
    return found.some((one) => Values.some((value) => patternOf(value).test(one)));
  });
}

function facetOf({ tags }: Thing, name: string, facets: Facets): readonly string[] {
  if (name.startsWith('tag:')) return [tags[name.slice(4)] ?? []].flat();
  if (name === 'tag-key') return Object.keys(tags);
  const facet = facets[name];
  if (facet === undefined) throw new AwsFault('InvalidParameterValue', `The filter '${name}' is invalid`);
  return typeof facet === 'string' ? [facet] : facet;
}

function patternOf(value: string): RegExp {
  const source = value
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

export const tagsOf = ({ tags }: Thing): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export interface Listing {
  readonly type: string;
  readonly ids?: readonly string[] | undefined;
  readonly filters?: readonly Filter[] | undefined;
  readonly token?: string | undefined;
  /** What EC2 says about an id that is not there; by default it is left out. */
  readonly missing?: (id: string) => AwsFault;
  facets(thing: Thing): Facets;
}

/** One page of a describe action. @throws AwsFault for an unknown id or filter */
export function list(
  world: World,
  { type, ids, filters, token, missing, facets }: Listing,
): { readonly found: readonly Thing[]; readonly next: { NextToken?: string } } {
  if (missing !== undefined) {
    for (const id of ids ?? []) world.require(type, id, () => missing(id));
  }
  const wanted = world.things
    .all(type)
    .filter(({ id }) => ids === undefined || ids.length === 0 || ids.includes(id))
    .filter((thing) => passes(thing, filters, facets(thing)));
  const page = pageOf(wanted, token, world.settings.pageSize);
  return { found: page.items, next: nextToken('NextToken', page.token) };
}

/** EC2's word for what is not there: `missing('InvalidVpcID.NotFound', 'vpc ID')`. */
export const missing = (code: string, noun: string) => (id: string) =>
  new AwsFault(code, `The ${noun} '${id}' does not exist`);

/** @throws AwsFault DryRunOperation, as EC2 answers to a dry run that would succeed */
export function stopAtDryRun(isDryRun: boolean | undefined): void {
  if (isDryRun === true) {
    throw new AwsFault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
}
