import { isMap, textOf, type Resource, type Template, type Value } from './template.ts';

const ACCOUNT = '123456789012';
const REGION = 'ap-southeast-1';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'sbw-dev-layer',
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/sbw-dev-layer/1`,
};

interface Scope {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Undefined for `AWS::NoValue`: the property or item that holds it is left out. */
type Rendered = Value | undefined;

/** Resources that remain, with every function worked out; `<Id>` and `<Id.Attribute>` stand for what AWS would give. */
export interface RenderedTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, Value>>;
}

/**
 * What CloudFormation would make of a template, given parameters (defaults fill the rest), in one account and region.
 * @throws Error for a parameter without a value, and for a function it does not know
 */
export function renderTemplate(
  template: Template,
  given: Readonly<Record<string, string>>,
): RenderedTemplate {
  const defaults = Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, String(Default)]],
  );
  const scope = { template, parameters: { ...(Object.fromEntries(defaults) as object), ...given } };
  const resources = Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || holds({ Condition }, scope))
    .map(([id, resource]) => [id, render(resource as unknown as Value, scope)]);
  const outputs = Object.entries(template.Outputs).map(([name, output]) => [
    name,
    render(output.Value, scope),
  ]);
  return {
    Resources: Object.fromEntries(resources) as Record<string, Resource>,
    Outputs: Object.fromEntries(outputs) as Record<string, Value>,
  };
}

function render(value: Value, scope: Scope): Rendered {
  if (Array.isArray(value)) {
    return (value as Value[]).map((item) => render(item, scope)).filter((item) => item !== undefined);
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? entries[0]! : ['', null];
  if (name === 'Ref' || name.startsWith('Fn::')) return call(name, argument, scope);
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, render(inner, scope)]).filter(([, inner]) => inner !== undefined),
  ) as Value;
}

function call(name: string, argument: Value, scope: Scope): Rendered {
  const list = Array.isArray(argument) ? (argument as Value[]) : [];
  switch (name) {
    case 'Ref':
      return refer(textOf(argument), scope);
    case 'Fn::GetAtt':
      return `<${list.map(textOf).join('.')}>`;
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::If':
      return render(holds({ Condition: list[0]! }, scope) ? list[1]! : list[2]!, scope);
    case 'Fn::Base64':
      return render(argument, scope);
    case 'Fn::Join':
      return (render(list[1]!, scope) as Value[]).map(textOf).join(textOf(list[0]));
    case 'Fn::Split':
      return textOf(render(list[1]!, scope)).split(textOf(list[0]));
    case 'Fn::Select':
      return (render(list[1]!, scope) as Value[])[Number(list[0])] ?? null;
    default:
      throw new Error(`${name} is not known here`);
  }
}

function refer(name: string, { template, parameters }: Scope): Rendered {
  if (name === 'AWS::NoValue') return undefined;
  if (template.Resources[name] !== undefined) return `<${name}>`;
  const value = PSEUDO[name] ?? parameters[name];
  if (value === undefined) throw new Error(`${template.layer}: no value for ${name}`);
  return value;
}

function substitute(argument: Value, scope: Scope): string {
  const [text, own] = Array.isArray(argument) ? (argument as Value[]) : [argument];
  return textOf(text).replaceAll(/\$\{(!?)([\w:.]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    const mine = isMap(own) ? own[name] : undefined;
    if (mine !== undefined) return textOf(render(mine, scope));
    return name.includes('.') ? `<${name}>` : textOf(refer(name, scope));
  });
}

function holds(condition: Value, scope: Scope): boolean {
  if (!isMap(condition)) throw new Error(`not a condition: ${JSON.stringify(condition)}`);
  const [[name, argument]] = Object.entries(condition) as [[string, Value]];
  const list = Array.isArray(argument) ? (argument as Value[]) : [];
  switch (name) {
    case 'Condition':
      return holds(scope.template.Conditions?.[textOf(argument)] ?? null, scope);
    case 'Fn::Equals':
      return textOf(render(list[0]!, scope)) === textOf(render(list[1]!, scope));
    case 'Fn::Not':
      return !holds(list[0]!, scope);
    case 'Fn::And':
      return list.every((one) => holds(one, scope));
    case 'Fn::Or':
      return list.some((one) => holds(one, scope));
    default:
      throw new Error(`${name} is not known here`);
  }
}
