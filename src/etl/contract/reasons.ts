/**
 * Why a raw event is quarantined. The codes are a contract with scripts and with quarantine rows already
 * written: add, never rename. docs/fields.md is made from this table.
 */
export const REASONS = {
  invalid_json: 'The text is not JSON, or was cut off.',
  invalid_utf8: 'The bytes are not UTF-8, so the text cannot be known.',
  not_an_object: 'Valid JSON, but not an object: an event is an object.',
  event_too_large: 'The event is larger than the limit.',
  too_deep: 'The event is nested deeper than the limit.',
  nul_character: 'A text holds the character NUL, which PostgreSQL cannot store.',
  lone_surrogate: 'A text holds half a character (an unpaired UTF-16 surrogate).',
  missing_event_name: 'The event has no name.',
  wrong_type: 'The value has another type than the field.',
  text_too_long: 'The text is longer than the limit.',
  price_not_number: 'The price is not a decimal number.',
  price_out_of_range: 'The price is negative or too large.',
  price_too_precise: 'The price has more than four decimals; storing it would round it.',
  not_boolean: 'The value is neither true nor false.',
  timestamp_invalid: 'The time is no instant that we can read.',
  timestamp_out_of_range: 'The time lies outside 1970 to 2199.',
  number_out_of_range: 'A number is too large to keep.',
  id_conflict: 'Another event with the same id and different content was received earlier.',
} as const;

export type Reason = keyof typeof REASONS;
