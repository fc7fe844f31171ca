import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseConfigFile } from '../../../src/stacks/config/config-file.ts';
import { configSchema } from '../../../src/stacks/config/schema.ts';
import { SETTINGS } from '../../../src/stacks/settings.ts';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly additionalProperties: false | Schema;
  readonly type: readonly string[];
  readonly default?: unknown;
}

const schema = configSchema() as unknown as Schema;

test('docs/config.schema.json is what `sbw config schema` prints', () => {
  const published: unknown = JSON.parse(readFileSync('docs/config.schema.json', 'utf8'));
  assert.deepEqual(
    published,
    schema,
    'make it again: node bin/sbw.js config schema > docs/config.schema.json',
  );
});

/** Taken, or the code of the refusal. */
function codeOf(words: object): string {
  try {
    parseConfigFile('x.json', JSON.stringify(words));
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('the schema knows exactly the keys that sbw takes', () => {
  const { stages, settings, ...top } = schema.properties;
  for (const key of Object.keys(top)) assert.equal(codeOf({ [key]: null }), 'taken', key);
  const ofStage = stages!.additionalProperties as Schema;
  for (const key of Object.keys(ofStage.properties)) {
    assert.equal(codeOf({ stages: { prod: { [key]: null } } }), 'taken', key);
  }
  assert.deepEqual(Object.keys(settings!.properties), Object.keys(SETTINGS));
  assert.equal(codeOf({ somethingElse: 1 }), 'CONFIG_KEY_UNKNOWN');
  for (const one of [schema, settings!, ofStage]) assert.equal(one.additionalProperties, false);
});

test('every default is of the type that the schema wants, and is taken', () => {
  for (const [name, { type, default: fallback }] of Object.entries(
    schema.properties['settings']!.properties,
  )) {
    const isNumber = typeof fallback === 'number';
    const found = Array.isArray(fallback)
      ? 'array'
      : fallback === null
        ? 'null'
        : isNumber
          ? 'integer'
          : typeof fallback;
    assert.ok(type.includes(found), name);
    assert.equal(codeOf({ settings: { [name]: fallback } }), 'taken', name);
  }
});

test('docs/config.md lists every key and every setting, with the default that holds', () => {
  const rows = readFileSync('docs/config.md', 'utf8').matchAll(/^\| `(\$?\w+)` +\| ([^|]+?) +\|/gm);
  const listed = new Map([...rows].map(([, name, cell]) => [name!, cell!.replaceAll('`', '')]));
  for (const key of Object.keys(schema.properties)) assert.ok(listed.has(key), key);
  for (const [name, { fallback }] of Object.entries<{ fallback: unknown }>(SETTINGS)) {
    const shown = Array.isArray(fallback) && fallback.length === 0 ? 'none' : String(fallback);
    assert.equal(listed.get(name), shown, name);
  }
});
