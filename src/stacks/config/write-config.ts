import { type SettingName, SETTINGS } from '../settings.ts';

/** What `sbw init` was told. */
export interface Answers {
  readonly stage: string;
  readonly region: string;
  /** Null: whatever the environment says. */
  readonly profile: string | null;
  /** 12 digits; null: any account. */
  readonly account: string | null;
  readonly settings: Readonly<Partial<Record<SettingName, unknown>>>;
}

/** A config file in YAML that explains itself: what was answered, and every other setting as a comment. */
export function writeConfig({ stage, region, profile, account, settings }: Answers): string {
  const chosen = Object.keys(SETTINGS).filter((name) => Object.hasOwn(settings, name)) as SettingName[];
  const others = Object.keys(SETTINGS).filter((name) => !Object.hasOwn(settings, name)) as SettingName[];
  return [
    '# Settings of sbw for this project. Flags and the environment go before what stands here;',
    '# `sbw config show --origin` says what holds and why. No secrets belong here: sbw makes its own.',
    '',
    '# The copy of the platform to work on when no --stage is given.',
    `stage: ${quote(stage)}`,
    '',
    `region: ${quote(region)}`,
    '',
    '# Profile of the AWS configuration.',
    optional('profile', profile, 'my-profile'),
    '',
    '# The only account that sbw may work on: in any other, every command stops before it does anything.',
    optional('account', account, '123456789012'),
    '',
    'settings:',
    ...chosen.flatMap((name) => [
      `  # ${SETTINGS[name].about}`,
      `  ${name}: ${JSON.stringify(settings[name])}`,
    ]),
    ...(chosen.length > 0 ? [''] : []),
    '  # These hold unless you take the # away and change them.',
    ...others.flatMap((name) => [
      `  # ${SETTINGS[name].about}`,
      `  #${name}: ${JSON.stringify(SETTINGS[name].fallback)}`,
    ]),
    '',
    '# Other copies of the platform, each with what is different there.',
    '#stages:',
    '#  prod:',
    '#    account: "123456789012"',
    '#    settings:',
    '#      warehouseInstanceType: "t3.medium"',
    '',
  ].join('\n');
}

function optional(key: string, value: string | null, example: string): string {
  return value === null ? `#${key}: ${quote(example)}` : `${key}: ${quote(value)}`;
}

/** JSON is YAML, and needs no rules about which words mean something. */
function quote(text: string): string {
  return JSON.stringify(text);
}
