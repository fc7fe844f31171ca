import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Path of a program that scripts/python-tools.mjs installs.
 * @throws Error that says how to install it
 */
export function requirePythonTool(name: string): string {
  const path = resolve('.cache/python/bin', name);
  if (!existsSync(path)) throw new Error(`${name} is missing; run: node scripts/python-tools.mjs`);
  return path;
}
