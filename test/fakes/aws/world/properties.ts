/** Properties of a resource as CloudFormation writes them; numbers and booleans may come as text. */
export type Properties = Readonly<Record<string, unknown>>;

type Scalar = string | number | boolean;

export function text(properties: Properties, name: string): string {
  const value = properties[name] as Scalar | null | undefined;
  return value === undefined || value === null ? '' : String(value);
}

export function optionalText(properties: Properties, name: string): string | undefined {
  return properties[name] === undefined ? undefined : text(properties, name);
}

export function texts(properties: Properties, name: string): string[] {
  const value = properties[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export function number(properties: Properties, name: string, standard = 0): number {
  return properties[name] === undefined ? standard : Number(properties[name]);
}

export function flag(properties: Properties, name: string, standard = false): boolean {
  return properties[name] === undefined ? standard : text(properties, name) === 'true';
}

export function items(properties: Properties, name: string): Properties[] {
  const value = properties[name];
  return Array.isArray(value) ? (value as Properties[]) : [];
}

export function nested(properties: Properties, name: string): Properties {
  return (properties[name] ?? {}) as Properties;
}

/** Values that differ in type only, as '5432' and 5432, are the same to CloudFormation. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'number' || typeof inner === 'boolean') return String(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The same without one of its entries. */
export function without<T extends object, Name extends keyof T>(whole: T, name: Name): Omit<T, Name> {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)) as Omit<T, Name>;
}
