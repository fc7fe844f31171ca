import { type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq, isCollection, parse } from 'yaml';
import { findResourceType } from '../../resources/catalog.ts';
import { AwsFault } from '../../wire/fault.ts';
import type { Properties } from '../../world/properties.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: unknown;
  readonly Properties?: Properties;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number | boolean;
  readonly AllowedValues?: readonly (string | number | boolean)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly NoEcho?: boolean | string;
  readonly Description?: string;
}

export interface Template {
  /** Exactly as it was sent. */
  readonly text: string;
  readonly Description?: string;
  readonly Metadata?: unknown;
  readonly Parameters: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<
    Record<string, { readonly Value: unknown; readonly Condition?: string; readonly Description?: string }>
  >;
}

const MAX_BYTES = 51_200;
const FUNCTIONS = [
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAZs',
  'GetAtt',
  'If',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
];

/** `!Name` of a scalar, a list or a map, as `{ key: value }`. */
function shortForms(name: string, key: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  const wrap = (node: YAMLMap | YAMLSeq): unknown =>
    isCollection(node) ? { [key]: node.toJSON() as unknown } : node;
  return [
    { tag, resolve: (value: string) => ({ [key]: name === 'GetAtt' ? splitAtDot(value) : value }) },
    { tag, collection: 'seq', resolve: wrap },
    { tag, collection: 'map', resolve: wrap },
  ];
}

function splitAtDot(value: string): [string, string] {
  const dot = value.indexOf('.');
  return dot < 0 ? [value, ''] : [value.slice(0, dot), value.slice(dot + 1)];
}

const SHORT_FORMS = [
  ...shortForms('Ref', 'Ref'),
  ...shortForms('Condition', 'Condition'),
  ...FUNCTIONS.flatMap((name) => shortForms(name, `Fn::${name}`)),
];

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

/** What CloudFormation checks before it answers. @throws AwsFault ValidationError */
export function parseTemplate(text: string, maxBytes = MAX_BYTES): Template {
  if (Buffer.byteLength(text) > maxBytes) {
    throw invalid(
      `1 validation error detected: Value '${text.slice(0, 40)}...' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${maxBytes}`,
    );
  }
  let content: Partial<Template> | null;
  try {
    content = parse(text, { customTags: SHORT_FORMS, logLevel: 'error' }) as Partial<Template> | null;
  } catch (error) {
    throw invalid(`Template format error: YAML not well-formed. ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof content !== 'object' || content === null) {
    throw invalid('Template format error: unsupported structure.');
  }
  const template: Template = {
    Parameters: {},
    Mappings: {},
    Conditions: {},
    Resources: {},
    Outputs: {},
    ...content,
    text,
  };
  if ('Transform' in content) throw invalid('The fake expands no transforms.');
  requireResources(template);
  requireTargets(template);
  dependencyOrder(template);
  return template;
}

function requireResources({ Resources }: Template): void {
  const resources = Object.values(Resources);
  if (resources.length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  const unknown = resources.map(({ Type }) => Type).filter((type) => findResourceType(type) === undefined);
  if (unknown.length > 0) {
    throw invalid(
      `Template format error: Unrecognized resource types: [${[...new Set(unknown)].join(', ')}]`,
    );
  }
}

/** Every name that a value refers to: of parameters, resources, pseudo parameters. */
export function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [Array.isArray(inner) ? String(inner[0]) : splitAtDot(String(inner))[0]];
    if (key === 'Fn::Sub') return referencesOfSub(inner);
    if (key === 'Condition' && typeof inner === 'string') return [];
    return referencesIn(inner);
  });
}

function referencesOfSub(inner: unknown): string[] {
  const [text, own] = Array.isArray(inner)
    ? (inner as [string, Record<string, unknown>])
    : [String(inner), {}];
  const names = [...text.matchAll(/\$\{(?!!)([^}]+)\}/g)].map(([, name]) => splitAtDot(name!.trim())[0]);
  return [...names.filter((name) => !(name in own)), ...referencesIn(own)];
}

function requireTargets({ Parameters, Resources, Outputs, Conditions }: Template): void {
  const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources)]);
  const missingIn = (value: unknown): string[] =>
    [...new Set(referencesIn(value))].filter((name) => !known.has(name) && !name.startsWith('AWS::'));
  const dependsOn = Object.values(Resources).flatMap(dependsOnOf);
  const inResources = [...missingIn(Resources), ...dependsOn.filter((name) => Resources[name] === undefined)];
  for (const [block, missing] of [
    ['Resources', [...new Set(inResources)]],
    ['Outputs', missingIn(Outputs)],
    ['Conditions', missingIn(Conditions)],
  ] as const) {
    if (missing.length === 0) continue;
    throw invalid(
      `Template format error: Unresolved resource dependencies [${missing.join(', ')}] in the ${block} block of the template`,
    );
  }
}

function dependsOnOf({ DependsOn = [] }: TemplateResource): readonly string[] {
  return typeof DependsOn === 'string' ? [DependsOn] : DependsOn;
}

/** Logical ids that a resource needs before itself. */
export function dependenciesOf(template: Template, logicalId: string): string[] {
  const resource = template.Resources[logicalId]!;
  const names = new Set([...dependsOnOf(resource), ...referencesIn(resource.Properties)]);
  return [...names].filter((name) => template.Resources[name] !== undefined && name !== logicalId);
}

/** Logical ids, each behind what it needs. @throws AwsFault for a circle */
export function dependencyOrder(template: Template): string[] {
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (logicalId: string): void => {
    if (order.includes(logicalId)) return;
    if (open.has(logicalId)) {
      throw invalid(`Circular dependency between resources: [${[...open].join(', ')}]`);
    }
    open.add(logicalId);
    for (const needed of dependenciesOf(template, logicalId)) visit(needed);
    open.delete(logicalId);
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId);
  return order;
}
