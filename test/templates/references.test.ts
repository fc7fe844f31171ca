import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isMap,
  parseTemplate,
  readTemplates,
  textOf,
  walk,
  type Template,
  type Value,
} from './support/template.ts';

const PSEUDO = /^AWS::(AccountId|NoValue|Partition|Region|StackId|StackName|URLSuffix)$/;

interface Reference {
  readonly kind: 'value' | 'attribute' | 'condition' | 'resource';
  readonly name: string;
}

/** What `Fn::Sub` names: its own variables are left out. */
function referencesOfSub(argument: Value): Reference[] {
  const [text, own] = Array.isArray(argument) ? (argument as Value[]) : [argument];
  return [...textOf(text).matchAll(/\$\{([^!}][^}]*)\}/g)].flatMap(([, name = '']): Reference[] => {
    if (isMap(own) && name in own) return [];
    const dot = name.indexOf('.');
    return [dot === -1 ? { kind: 'value', name } : { kind: 'attribute', name: name.slice(0, dot) }];
  });
}

function referencesOf(template: Template): Reference[] {
  const sections = [template.Conditions ?? {}, template.Resources, template.Outputs] as unknown as Value[];
  const found = sections.flatMap((section) =>
    [...walk(section)].filter(isMap).flatMap((value): Reference[] => {
      const [entry] = Object.entries(value).length === 1 ? Object.entries(value) : [];
      const [name, argument] = entry ?? ['', null];
      if (name === 'Ref') return [{ kind: 'value', name: textOf(argument) }];
      if (name === 'Fn::GetAtt') return [{ kind: 'attribute', name: textOf((argument as Value[])[0]) }];
      if (name === 'Fn::Sub') return referencesOfSub(argument);
      if (name === 'Fn::If') return [{ kind: 'condition', name: textOf((argument as Value[])[0]) }];
      if (name === 'Condition' && typeof argument === 'string')
        return [{ kind: 'condition', name: argument }];
      return [];
    }),
  );
  for (const { Condition, DependsOn = [] } of Object.values(template.Resources)) {
    if (Condition !== undefined) found.push({ kind: 'condition', name: Condition });
    for (const name of [DependsOn].flat()) found.push({ kind: 'resource', name });
  }
  return found;
}

function findUnresolved(template: Template): string[] {
  const { Parameters, Resources, Conditions = {} } = template;
  return referencesOf(template)
    .filter(({ kind, name }) => {
      if (kind === 'condition') return !(name in Conditions);
      if (kind === 'value') return !(name in Parameters || name in Resources || PSEUDO.test(name));
      return !(name in Resources);
    })
    .map(({ name }) => name);
}

function findUnused(template: Template): string[] {
  const used = new Set(referencesOf(template).map(({ name }) => name));
  return [...Object.keys(template.Parameters), ...Object.keys(template.Conditions ?? {})].filter(
    (name) => !used.has(name),
  );
}

/** What ties stacks together, hides text from the reader, or is resolved out of sight. */
const FORBIDDEN = /Fn::ImportValue|!ImportValue|\bExport:|Fn::Transform|!Transform|^Transform:|\{\{resolve:/m;

for (const template of readTemplates()) {
  test(`${template.layer}: every reference resolves`, () => {
    assert.deepEqual(findUnresolved(template), []);
  });

  test(`${template.layer}: every parameter and condition is used`, () => {
    assert.deepEqual(findUnused(template), []);
  });

  test(`${template.layer}: no exports, imports, macros, dynamic references`, () => {
    assert.doesNotMatch(template.text, FORBIDDEN);
  });

  test(`${template.layer}: no YAML anchors and aliases, which CloudFormation refuses`, () => {
    assert.doesNotMatch(template.text, /^\s*(-\s+)?[\w:]+:\s+[&*]\w|^\s*-\s+[&*]\w|<<:/m);
  });
}

test('the rules find what breaks them', () => {
  const broken = parseTemplate(
    'broken',
    `Parameters: { Used: { Type: String }, Unused: { Type: String } }
Conditions: { Sometimes: !Equals [!Ref Used, 'x'] }
Resources:
  One: { Type: A, Condition: Sometimes, DependsOn: Gone, Properties: { A: !Ref Nowhere, B: !GetAtt Lost.Arn } }
  Two: { Type: A, Condition: Never, Properties: { A: !Sub '\${!Literal} \${Missing.Arn} \${AWS::Region}' } }
Outputs: {}
`,
  );
  assert.deepEqual(findUnresolved(broken), ['Nowhere', 'Lost', 'Missing', 'Gone', 'Never']);
  assert.deepEqual(findUnused(broken), ['Unused']);
  assert.match("  Name: !Sub '{{resolve:ssm:/x}}'", FORBIDDEN);
});
