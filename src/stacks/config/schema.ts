import { SETTINGS } from '../settings.ts';
import { DEFAULT_STAGE, STAGE_NAME } from '../stage.ts';
import { KEYS } from './keys.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 07) of a config file, for editors. It says the same as parseConfigFile, from the same lists,
 * but for the shape of a setting's text, which it tells in words.
 */
export function configSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sbw.config.yaml',
    description: 'Settings of sbw for a project: docs/config.md.',
    ...mapOf({
      $schema: { type: 'string' },
      stage: {
        description: `the stage to work on when none is named (default: ${DEFAULT_STAGE})`,
        ...orNull({ type: 'string', pattern: STAGE_NAME.source }),
      },
      ...sectionOf('of all stages'),
      stages: {
        description: 'what is different in a stage, by its name',
        type: ['object', 'null'],
        propertyNames: { pattern: STAGE_NAME.source },
        additionalProperties: { type: ['object', 'null'], ...mapOf(sectionOf('of this stage')) },
      },
    }),
    type: ['object', 'null'],
  };
}

function sectionOf(whose: string): Record<string, Schema> {
  const keys = Object.entries(KEYS).map(([name, { pattern, expects }]): [string, Schema] => [
    name,
    { description: expects, ...orNull({ type: 'string', pattern: pattern.source }) },
  ]);
  return {
    ...Object.fromEntries(keys),
    settings: { description: `settings ${whose}`, type: ['object', 'null'], ...mapOf(settings()) },
  };
}

function settings(): Record<string, Schema> {
  const entries = Object.entries<{ about: string; fallback: unknown; expects: string }>(SETTINGS);
  return Object.fromEntries(
    entries.map(([name, { about, fallback, expects }]): [string, Schema] => [
      name,
      { description: `${about}: ${expects}`, default: fallback, ...orNull(shapeOf(fallback)) },
    ]),
  );
}

function shapeOf(fallback: unknown): { type: string } & Schema {
  if (Array.isArray(fallback)) return { type: 'array', items: { type: 'string' } };
  if (typeof fallback === 'boolean') return { type: 'boolean' };
  return { type: typeof fallback === 'number' ? 'integer' : 'string' };
}

/** Null stands for the default, everywhere. */
function orNull({ type, ...rest }: { type: string } & Schema): Schema {
  return { type: [type, 'null'], ...rest };
}

function mapOf(properties: Record<string, Schema>): Schema {
  return { properties, additionalProperties: false };
}
