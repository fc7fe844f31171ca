// Prints docs/fields.md from the schema contract. `--check` only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { FIELDS, PLATFORM_EVENT_PREFIX, type Field, type FieldType } from '../src/etl/contract/fields.ts';
import { REASONS } from '../src/etl/contract/reasons.ts';

const TYPES: Readonly<Record<FieldType, string>> = {
  id: 'text, or a whole number whose digits are kept; anything else: `wrong_type`; too long: `text_too_long`',
  text: 'text; anything else: `wrong_type`; too long: `text_too_long`',
  price:
    'a decimal number or its text, not negative, at most 14 digits before the point and 4 behind it, never rounded; else `price_not_number`, `price_out_of_range` or `price_too_precise`',
  boolean: 'true or false, also as text; else `not_boolean`',
  timestamp:
    'ISO 8601 (without a zone: UTC), or epoch seconds or milliseconds; else `timestamp_invalid` or `timestamp_out_of_range`',
  json: 'an object; else `wrong_type`',
  agent: 'a user agent: true when it names a bot or a crawler; anything else is no reason to reject an event',
};

function rowOf({ column, type, names, limit, meaning }: Field): string {
  const accepted = names.length === 0 ? '-' : names.map((name) => `\`${name}\``).join(' ');
  return `| \`${column}\` | ${type} | ${accepted} | ${limit} | ${meaning} |`;
}

const text = await format(
  `# Fields of an event

Made from \`src/etl/contract/fields.ts\` and \`reasons.ts\` by \`npm run docs\`: the ETL executes the same tables.

Of several names the first one found wins; a later one that is present too and differs is kept in \`properties\`.
\`null\` and \`""\` count as absent. A wrong value sends the whole event to quarantine, with the raw text; nothing is
guessed. Events whose name begins with \`${PLATFORM_EVENT_PREFIX}\` are the platform's own: counted as filtered, not loaded.

| column | type | accepted names, first match wins | limit (characters) | meaning |
| --- | --- | --- | --- | --- |
${FIELDS.map(rowOf).join('\n')}

## Types

| type | what is accepted, and the reason when it is not |
| --- | --- |
${Object.entries(TYPES)
  .map(([type, rule]) => `| ${type} | ${rule} |`)
  .join('\n')}

## Reasons for quarantine

| reason | meaning |
| --- | --- |
${Object.entries(REASONS)
  .map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  .join('\n')}
`,
  { parser: 'markdown', printWidth: 110 },
);

if (process.argv.includes('--check')) {
  if (readFileSync('docs/fields.md', 'utf8') !== text) {
    process.stderr.write('docs/fields.md is out of date: run `npm run docs`\n');
    process.exitCode = 1;
  }
} else writeFileSync('docs/fields.md', text);
