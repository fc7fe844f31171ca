import { AwsFault } from '../../wire/fault.ts';
import type { Properties } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import type { Template } from './template.ts';

/** Where names get their values from. */
export interface Scope {
  readonly world: World;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly stackName: string;
  readonly stackId: string;
  /** Physical id and attributes of a resource; null for one that is not made yet. */
  resource(logicalId: string): { readonly physicalId: string; readonly attributes: Properties } | null;
}

/** Stands for `AWS::NoValue`: what holds it is left out. */
const NO_VALUE = Symbol('NoValue');

/** What a change set shows where only the execution will know. */
export const unknownValue = (name: string): string => `{{unknown until executed: ${name}}}`;

export const isUnknown = (value: unknown): boolean =>
  JSON.stringify(value)?.includes('{{unknown until executed') === true;

/** A value of the template with every function worked out. @throws AwsFault ValidationError */
export function evaluate(value: unknown, scope: Scope): unknown {
  const result = work(value, scope);
  return result === NO_VALUE ? undefined : result;
}

export function isConditionTrue(name: string, scope: Scope): boolean {
  if (!(name in scope.template.Conditions))
    throw invalid(`Template format error: Unresolved condition dependency ${name}`);
  return truth(scope.template.Conditions[name], scope);
}

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

function work(value: unknown, scope: Scope): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => work(item, scope)).filter((item) => item !== NO_VALUE);
  const keys = Object.keys(value);
  const [key] = keys;
  if (keys.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
    return call(key, (value as Record<string, unknown>)[key], scope);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, work(inner, scope)])
      .filter(([, inner]) => inner !== NO_VALUE),
  );
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case 'Ref':
      return referTo(String(argument), scope);
    case 'Fn::GetAtt':
      return attributeOf(Array.isArray(argument) ? argument.map(String).join('.') : String(argument), scope);
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::If': {
      const [condition, yes, no] = argument as [string, unknown, unknown];
      return work(isConditionTrue(condition, scope) ? yes : no, scope);
    }
    case 'Fn::Join': {
      const [separator, parts] = work(argument, scope) as [string, string[]];
      return parts.join(separator);
    }
    case 'Fn::Select': {
      const [index, list] = work(argument, scope) as [number, unknown[]];
      if (list[Number(index)] === undefined) {
        throw invalid('Template error: Fn::Select cannot select nonexistent value at index ' + String(index));
      }
      return list[Number(index)];
    }
    case 'Fn::Split': {
      const [separator, whole] = work(argument, scope) as [string, string];
      return whole.split(separator);
    }
    case 'Fn::Base64':
      return Buffer.from(String(work(argument, scope) as string)).toString('base64');
    case 'Fn::GetAZs':
      return scope.world.settings.zones.map((letter) => scope.world.region + letter);
    case 'Fn::FindInMap': {
      const [map, first, second] = work(argument, scope) as [string, string, string];
      const found = scope.template.Mappings[map]?.[first]?.[second];
      if (found === undefined)
        throw invalid(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
      return found;
    }
    case 'Fn::Equals':
    case 'Fn::And':
    case 'Fn::Or':
    case 'Fn::Not':
      return truth({ [name]: argument }, scope);
    default:
      throw invalid(`Template error: the fake knows no ${name}`);
  }
}

function truth(expression: unknown, scope: Scope): boolean {
  const [[name, argument]] = Object.entries(expression as Record<string, unknown>) as [[string, unknown]];
  if (name === 'Condition') return isConditionTrue(String(argument), scope);
  const all = argument as unknown[];
  if (name === 'Fn::Equals') {
    const [left, right] = all.map((side) => work(side, scope));
    return String(left) === String(right);
  }
  if (name === 'Fn::Not') return !truth(all[0], scope);
  if (name === 'Fn::And') return all.every((one) => truth(one, scope));
  if (name === 'Fn::Or') return all.some((one) => truth(one, scope));
  throw invalid(`Template error: ${name} is not a condition function`);
}

function referTo(name: string, scope: Scope): unknown {
  const { world } = scope;
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': world.accountId,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': 'aws',
    'AWS::Region': world.region,
    'AWS::StackId': scope.stackId,
    'AWS::StackName': scope.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  if (name in pseudo) return pseudo[name];
  const parameter = scope.parameters[name];
  if (parameter !== undefined) {
    const type = scope.template.Parameters[name]?.Type ?? 'String';
    return type.startsWith('List<') || type === 'CommaDelimitedList' ? parameter.split(',') : parameter;
  }
  return scope.resource(name)?.physicalId ?? unknownValue(name);
}

function attributeOf(path: string, scope: Scope): unknown {
  const dot = path.indexOf('.');
  const [logicalId, attribute] = [path.slice(0, dot), path.slice(dot + 1)];
  const found = scope.resource(logicalId);
  if (found === null) return unknownValue(path);
  const value = found.attributes[attribute];
  if (value === undefined) {
    throw invalid(
      `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
    );
  }
  return value;
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, own] = Array.isArray(argument) ? (argument as [string, Properties]) : [String(argument), {}];
  return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, raw: string) => {
    if (literal === '!') return `\${${raw}}`;
    const name = raw.trim();
    if (name in own) return String(work(own[name], scope));
    return String(name.includes('.') ? attributeOf(name, scope) : referTo(name, scope));
  });
}
