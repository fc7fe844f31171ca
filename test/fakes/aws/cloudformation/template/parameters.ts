import { AwsFault } from '../../wire/fault.ts';
import type { World } from '../../world/world.ts';
import type { Template, TemplateParameter } from './template.ts';

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

/** Parameter types whose values must exist in the account, and what they name. */
const EXISTING: Readonly<Record<string, string>> = {
  'AWS::EC2::Image::Id': 'AWS::EC2::Image',
  'AWS::EC2::SecurityGroup::Id': 'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet::Id': 'AWS::EC2::Subnet',
  'AWS::EC2::VPC::Id': 'AWS::EC2::VPC',
  'AWS::EC2::Volume::Id': 'AWS::EC2::Volume',
  'AWS::EC2::Instance::Id': 'AWS::EC2::Instance',
};

const SIMPLE = ['String', 'Number', 'CommaDelimitedList', 'AWS::EC2::AvailabilityZone::Name'];

/** The value of every parameter: given, else its default. @throws AwsFault ValidationError */
export function resolveParameters(
  { Parameters }: Template,
  given: Readonly<Record<string, string>>,
  world: World,
): Record<string, string> {
  const strangers = Object.keys(given).filter((name) => Parameters[name] === undefined);
  if (strangers.length > 0)
    throw invalid(`Parameters: [${strangers.join(', ')}] do not exist in the template`);
  const missing = Object.entries(Parameters)
    .filter(([name, { Default }]) => given[name] === undefined && Default === undefined)
    .map(([name]) => name);
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([name, parameter]) => {
      const value = given[name] ?? String(parameter.Default);
      requireFitting(name, value, parameter, world);
      return [name, value];
    }),
  );
}

function requireFitting(name: string, value: string, parameter: TemplateParameter, world: World): void {
  const { Type, AllowedPattern, AllowedValues, ConstraintDescription } = parameter;
  const refuse = (constraint: string): AwsFault =>
    invalid(
      `Parameter '${name}' ${ConstraintDescription === undefined ? constraint : `failed to satisfy constraint: ${ConstraintDescription}`}`,
    );
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(value)) {
    throw refuse('must be one of AllowedValues');
  }
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    throw refuse(`must match pattern ${AllowedPattern}`);
  }
  if (Type === 'Number') {
    const number = Number(value);
    if (value === '' || Number.isNaN(number)) throw refuse('must be a number.');
    if (parameter.MinValue !== undefined && number < Number(parameter.MinValue)) {
      throw refuse(`must be a number not less than ${parameter.MinValue}`);
    }
    if (parameter.MaxValue !== undefined && number > Number(parameter.MaxValue)) {
      throw refuse(`must be a number not greater than ${parameter.MaxValue}`);
    }
  } else {
    if (parameter.MinLength !== undefined && value.length < Number(parameter.MinLength)) {
      throw refuse(`must contain at least ${parameter.MinLength} characters`);
    }
    if (parameter.MaxLength !== undefined && value.length > Number(parameter.MaxLength)) {
      throw refuse(`must contain at most ${parameter.MaxLength} characters`);
    }
  }
  requireExisting(name, value, Type, world);
}

function requireExisting(name: string, value: string, type: string, world: World): void {
  const single = /^List<(.+)>$/.exec(type)?.[1] ?? type;
  const kind = EXISTING[single];
  if (kind === undefined) {
    if (single === 'AWS::EC2::AvailabilityZone::Name') {
      const zones = world.settings.zones.map((letter) => world.region + letter);
      if (!zones.includes(value)) throw noSuch(name, value);
    } else if (!SIMPLE.includes(single)) {
      throw invalid(`The fake knows no parameter type ${type}`);
    }
    return;
  }
  const isList = single !== type;
  for (const id of isList ? value.split(',') : [value]) {
    if (world.things.find(kind, id) === undefined) throw noSuch(name, id);
  }
}

const noSuch = (name: string, value: string): AwsFault =>
  invalid(`Parameter validation failed: parameter value ${value} for parameter name ${name} does not exist`);
