import { SbwError } from '../../errors.ts';

/** One correction of a replay: `path=json` sets a member, `path|=name` transforms its value. */
export interface Edit {
  readonly path: readonly string[];
  readonly change: (value: unknown) => unknown;
}

/** What `|=` can do to a value; undefined removes the member. */
const CHANGES: Readonly<Record<string, (value: unknown) => unknown>> = {
  comma_decimal: (value) =>
    typeof value === 'string' ? value.trim().replaceAll('.', '').replace(',', '.') : value,
  trim: (value) => (typeof value === 'string' ? value.trim() : value),
  to_text: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  strip_nul: (value) => (typeof value === 'string' ? value.replaceAll('\0', '') : value),
  remove: () => undefined,
};

/** @throws SbwError EDIT_INVALID (usage) */
export function parseEdit(text: string): Edit {
  const match = /^([\w.]+)(\|?=)(.*)$/s.exec(text);
  if (match === null) throw invalid(text);
  const [, path = '', operator, operand = ''] = match;
  if (operator === '|=') {
    const change = CHANGES[operand];
    if (change === undefined) throw invalid(text);
    return { path: path.split('.'), change };
  }
  let value: unknown;
  try {
    value = JSON.parse(operand);
  } catch {
    // A bare word is a text: quoting quotes in a shell is a nuisance.
    value = operand;
  }
  return { path: path.split('.'), change: () => value };
}

/** A copy of the event with the edits made; members on the way are created when missing. */
export function applyEdits(event: Record<string, unknown>, edits: readonly Edit[]): Record<string, unknown> {
  return edits.reduce((edited, { path, change }) => edit(edited, path, change), event);
}

function edit(
  object: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  change: Edit['change'],
): Record<string, unknown> {
  const present = object[name];
  const isObject = typeof present === 'object' && present !== null && !Array.isArray(present);
  const value = rest.length === 0 ? change(present) : edit(isObject ? { ...present } : {}, rest, change);
  const edited = { ...object, [name]: value };
  if (value === undefined) delete edited[name];
  return edited;
}

function invalid(text: string): SbwError {
  return new SbwError('EDIT_INVALID', `--set ${JSON.stringify(text)} is not understood.`, {
    kind: 'usage',
    fix: `--set 'product.price|=comma_decimal'  or  --set 'isFirstVisit=false'   (${Object.keys(CHANGES).join(', ')})`,
  });
}
