import { SbwError } from '../../errors.ts';
import { type SettingName, readSettings } from '../settings.ts';

interface Key {
  readonly pattern: RegExp;
  readonly expects: string;
}

/** What a config file may say beside settings, of all stages and of each. */
export const KEYS = {
  region: { pattern: /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, expects: 'a region such as ap-southeast-1' },
  profile: { pattern: /^\w[\w@+=,.:/ -]{0,127}$/, expects: 'the name of an AWS profile' },
  account: { pattern: /^\d{12}$/, expects: 'the 12 digits of an AWS account, in quotes' },
} as const satisfies Readonly<Record<string, Key>>;

export type KeyName = keyof typeof KEYS;

/** True, or what would be right. */
export function judgeKey(name: KeyName, value: unknown): true | string {
  const { pattern, expects } = KEYS[name];
  return (typeof value === 'string' && pattern.test(value)) || `it is ${expects}`;
}

/** @see judgeKey */
export function judgeSetting(name: SettingName, value: unknown): true | string {
  try {
    readSettings({ [name]: value });
    return true;
  } catch (error) {
    if (error instanceof SbwError) return error.fix ?? error.message;
    throw error;
  }
}
