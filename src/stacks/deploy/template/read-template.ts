import { createHash } from 'node:crypto';
import { type CollectionTag, type ScalarTag, parse } from 'yaml';
import { SbwError } from '../../../errors.ts';

/** A template, as far as a plan needs it. */
export interface Template {
  /** As it is sent. */
  readonly text: string;
  /** SHA-256 of the text, hexadecimal. */
  readonly hash: string;
  /** Plain words: `Storage`. */
  readonly title: string;
  readonly about: string;
  /** Null: must be given. */
  readonly parameters: ReadonlyMap<string, string | null>;
  /** In the order of the file. */
  readonly resources: readonly TemplateResource[];
  readonly conditions: ReadonlyMap<string, unknown>;
  readonly capabilities: readonly string[];
}

export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  /** Plain words: `Warehouse server`; the logical id when it has none. */
  readonly title: string;
  readonly condition: string | null;
}

interface Source {
  readonly Metadata?: { readonly sbw?: { readonly title?: string; readonly about?: string } };
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<
    Record<
      string,
      {
        readonly Type?: string;
        readonly Condition?: string;
        readonly Metadata?: { readonly sbw?: { readonly title?: string } };
        readonly Properties?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

/** What CloudFormation takes without an object in S3. */
const MAX_BYTES = 51_200;

/** @throws SbwError TEMPLATE_INVALID */
export function readTemplate(layer: string, text: string): Template {
  const source = parseTemplate(layer, text);
  const { sbw } = source.Metadata ?? {};
  const resources = Object.entries(source.Resources ?? {});
  return {
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    title: sbw?.title ?? layer,
    about: sbw?.about ?? '',
    parameters: new Map(
      Object.entries(source.Parameters ?? {}).map(([name, { Default }]) => [
        name,
        Default === undefined ? null : textOf(Default),
      ]),
    ),
    resources: resources.map(([logicalId, { Type, Condition, Metadata }]) => ({
      logicalId,
      type: Type ?? '',
      title: Metadata?.sbw?.title ?? logicalId,
      condition: Condition ?? null,
    })),
    conditions: new Map(Object.entries(source.Conditions ?? {})),
    capabilities: capabilitiesOf(resources.map(([, resource]) => resource)),
  };
}

/** Plain words by logical id. */
export function titlesOf({ resources }: Pick<Template, 'resources'>): ReadonlyMap<string, string> {
  return new Map(resources.map(({ logicalId, title }) => [logicalId, title]));
}

function parseTemplate(layer: string, text: string): Source {
  const bytes = Buffer.byteLength(text);
  try {
    if (bytes > MAX_BYTES) throw new Error(`${bytes} bytes are more than the ${MAX_BYTES} allowed`);
    return parse(text, { customTags: SHORT_FORMS }) as Source;
  } catch (cause) {
    throw new SbwError(
      'TEMPLATE_INVALID',
      `The template ${layer} cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** Only what the template needs: an operator who grants more than that is right to wonder. */
function capabilitiesOf(resources: readonly { Type?: string; Properties?: object }[]): readonly string[] {
  const people = resources.filter(({ Type }) => Type?.startsWith('AWS::IAM::') === true);
  if (people.length === 0) return [];
  const hasName = people.some(({ Properties }) =>
    Object.keys(Properties ?? {}).some((name) =>
      /^(Role|Policy|User|Group|InstanceProfile|ManagedPolicy)Name$/.test(name),
    ),
  );
  return [hasName ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
}

/** CloudFormation's parameters are strings, whatever YAML made of them. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `!Equals [a, b]` is read as `{ 'Fn::Equals': [a, b] }`. */
function shortForms(name: string, key: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  const collection = (kind: 'seq' | 'map'): CollectionTag => ({
    tag,
    collection: kind,
    resolve: (node) => ({ [key]: node.toJSON() as unknown }),
  });
  return [{ tag, resolve: (text: string) => ({ [key]: text }) }, collection('seq'), collection('map')];
}

const FUNCTIONS = [
  ...['And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'GetAtt', 'GetAZs', 'If', 'Join', 'Not', 'Or'],
  ...['Select', 'Split', 'Sub'],
];

const SHORT_FORMS = [
  ...shortForms('Ref', 'Ref'),
  ...shortForms('Condition', 'Condition'),
  ...FUNCTIONS.flatMap((name) => shortForms(name, `Fn::${name}`)),
];
