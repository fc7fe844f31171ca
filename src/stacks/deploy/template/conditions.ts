import type { Template, TemplateResource } from './read-template.ts';

/** Resources that a stack of this template would have. What hangs on a value not known yet is counted in. */
export function resourcesMade(
  template: Template,
  parameters: Readonly<Record<string, string | null>>,
): readonly TemplateResource[] {
  return template.resources.filter(
    ({ condition }) => condition === null || holds(template, parameters, { Condition: condition }) !== false,
  );
}

/** Null: not to be told yet. */
function holds(
  template: Template,
  parameters: Readonly<Record<string, string | null>>,
  expression: unknown,
): boolean | null {
  const [[name, operand] = ['', undefined]] = Object.entries((expression ?? {}) as Record<string, unknown>);
  const decide = (one: unknown): boolean | null => holds(template, parameters, one);
  const operands = Array.isArray(operand) ? (operand as unknown[]) : [operand];
  switch (name) {
    case 'Condition':
      return decide(template.conditions.get(operand as string));
    case 'Fn::Not':
      return negate(decide(operands[0]));
    case 'Fn::And':
      return all(operands.map(decide));
    case 'Fn::Or':
      return negate(all(operands.map((one) => negate(decide(one)))));
    case 'Fn::Equals': {
      const [left, right] = operands.map((one) => valueOf(template, parameters, one));
      return left == null || right == null ? null : left === right;
    }
    default:
      return null;
  }
}

function valueOf(
  template: Template,
  parameters: Readonly<Record<string, string | null>>,
  expression: unknown,
): string | null {
  if (typeof expression === 'string') return expression;
  if (typeof expression !== 'object') return JSON.stringify(expression) ?? null;
  const name = (expression as { Ref?: string } | null)?.Ref;
  if (name === undefined) return null;
  const given = parameters[name];
  return given === undefined ? (template.parameters.get(name) ?? null) : given;
}

function all(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
