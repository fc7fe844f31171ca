import { readdirSync, readFileSync } from 'node:fs';
import { isCollection, parse, type ScalarTag, type CollectionTag, type YAMLMap, type YAMLSeq } from 'yaml';

export const TEMPLATES = 'src/templates';

/** Anything that YAML can hold, with CloudFormation's short forms written out: `!Ref X` is `{ Ref: 'X' }`. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: { readonly sbw?: { readonly title?: string } };
  readonly Properties?: Readonly<Record<string, Value>>;
}

export interface Parameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly NoEcho?: boolean;
}

export interface Template {
  readonly layer: string;
  readonly text: string;
  readonly Metadata?: { readonly sbw?: { readonly title?: string; readonly about?: string } };
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Mappings?: Readonly<Record<string, Value>>;
  readonly Conditions?: Readonly<Record<string, Value>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: Value; readonly Condition?: string }>>;
}

const FUNCTIONS = [
  ...['Base64', 'Cidr', 'FindInMap', 'GetAZs', 'GetAtt', 'ImportValue', 'Join', 'Select', 'Split', 'Sub'],
  ...['And', 'Equals', 'If', 'Not', 'Or', 'Transform'],
];

/** `!Name` for scalar, list and map, read as `{ key: value }`. */
function shortForms(name: string, key: string): (ScalarTag | CollectionTag)[] {
  const tag = `!${name}`;
  const resolve = (node: YAMLMap | YAMLSeq): unknown => ({ [key]: node.toJSON() as unknown });
  return [
    {
      tag,
      resolve(text: string) {
        const dot = text.indexOf('.');
        return { [key]: name === 'GetAtt' ? [text.slice(0, dot), text.slice(dot + 1)] : text };
      },
    },
    { tag, collection: 'seq', resolve: (node) => (isCollection(node) ? resolve(node) : node) },
    { tag, collection: 'map', resolve: (node) => (isCollection(node) ? resolve(node) : node) },
  ];
}

const SHORT_FORMS = [
  ...shortForms('Ref', 'Ref'),
  ...shortForms('Condition', 'Condition'),
  ...FUNCTIONS.flatMap((name) => shortForms(name, `Fn::${name}`)),
];

/** Names of the layers that have a template, in alphabetical order. */
export function listLayers(): string[] {
  return readdirSync(TEMPLATES)
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();
}

export function parseTemplate(layer: string, text: string): Template {
  const content = parse(text, { customTags: SHORT_FORMS }) as Omit<Template, 'layer' | 'text'>;
  return { ...content, layer, text };
}

export function readTemplate(layer: string): Template {
  return parseTemplate(layer, readFileSync(`${TEMPLATES}/${layer}.yaml`, 'utf8'));
}

export function readTemplates(): Template[] {
  return listLayers().map(readTemplate);
}

/** The value itself and all that it holds, outermost first. */
export function* walk(value: Value): Generator<Value> {
  yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) yield* walk(inner);
}

export function isMap(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Error when the value is a list or a map */
export function textOf(value: Value | undefined): string {
  if (value === undefined || typeof value === 'object') {
    throw new Error(`not a text: ${JSON.stringify(value)}`);
  }
  return String(value);
}

/** A value that may be one or a list, as a list. */
export function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value];
}

/** Resources of a type, by logical id. */
export function resourcesOf(template: Pick<Template, 'Resources'>, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}
