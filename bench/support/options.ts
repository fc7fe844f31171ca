import { parseArgs } from 'node:util';

/** `--events N --rounds N`, with the bench's own defaults. */
export function readOptions(defaults: { readonly events: number; readonly rounds: number }): {
  events: number;
  rounds: number;
} {
  const { values } = parseArgs({ options: { events: { type: 'string' }, rounds: { type: 'string' } } });
  return {
    events: wholeNumber('--events', values.events) ?? defaults.events,
    rounds: wholeNumber('--rounds', values.rounds) ?? defaults.rounds,
  };
}

function wholeNumber(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${flag} must be a whole number, not ${text}.`);
  return Number(text);
}
