/** The JSON object in a payload; null for anything else. */
export function parseObject(payload: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** '' for anything but text. */
export function textIn(object: Readonly<Record<string, unknown>> | null, key: string): string {
  const value = object?.[key];
  return typeof value === 'string' ? value : '';
}
