import { SbwError } from '../errors.ts';
import { closestWord } from './closest.ts';

interface Setting<T> {
  readonly about: string;
  readonly fallback: T;
  /** What a good value looks like, for the sentence that refuses a bad one. */
  readonly expects: string;
  /** Undefined: not a good value. @param value from a config file, or the text of a flag */
  read(value: unknown): T | undefined;
}

const text = <T extends string | null>(
  about: string,
  fallback: T,
  pattern: RegExp,
  expects: string,
): Setting<string | T> => ({
  about,
  fallback,
  expects,
  read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
});

const whole = (about: string, fallback: number, min: number, max: number): Setting<number> => ({
  about,
  fallback,
  expects: `a whole number from ${min} to ${max}`,
  read: (value) => {
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
      ? (number as number)
      : undefined;
  },
});

const yesOrNo = (about: string, fallback: boolean): Setting<boolean> => ({
  about,
  fallback,
  expects: 'true or false',
  read: (value) =>
    typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined,
});

const list = (
  about: string,
  fallback: readonly string[],
  { pattern, expects, max }: { pattern: RegExp; expects: string; max: number },
): Setting<readonly string[]> => ({
  about,
  fallback,
  expects: `up to ${max} of these, with commas: ${expects}`,
  read: (value) => {
    const items = typeof value === 'string' ? value.split(',').filter(Boolean) : value;
    if (!Array.isArray(items) || items.length > max) return undefined;
    const isGood = (item: unknown): item is string => typeof item === 'string' && pattern.test(item);
    return items.every(isGood) ? [...new Set(items)] : undefined;
  },
});

const BUCKET = /^(?!xn--|sthree-)(?!.*-s3alias$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const BUCKET_WORDS = '3 to 63 lower case letters, digits and hyphens';
/**
 * Of Intel or AMD, since the image is; and with NVMe disks, by whose serial numbers the server knows its volume: no
 * Graviton (`t4g`, `m7gd`, `a1`), and no type from before 2017 (`t2`, `m4`).
 */
const SERVER =
  /^(?!a1\.|[a-z]+\d+[a-z]*g[a-z]*\.|(?:t[12]|m[1-4]|[cr][1-4]|cc\d|cr\d|hs1|d2|g[23]s?|i[23]|p[23]|f1|x1e?|h1)\.)[a-z][a-z0-9-]{1,15}\.[a-z0-9-]{3,15}$/;
const SERVER_WORDS = 'a server type with an x86-64 processor and NVMe disks, such as';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** /8 at the widest: nobody means to open a database to the whole internet. */
const CIDR = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}/(?:[89]|[12]\\d|3[0-2])$`);
const ORIGIN = /^(?:\*|https?:\/\/[a-z0-9.-]+(?::\d{1,5})?)$/;
const RATE = String.raw`rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d{1,3}) (?:minutes|hours|days))\)`;
const FIELD = String.raw`[\d*,/-]{1,60}`;
const NAMED = String.raw`[A-Za-z\d*,/-]{1,60}`;
/** Minute, hour, day of the month, month, weekday, year; of the two days one is `?`, as EventBridge has it. */
const DAYS = String.raw`(?:[\dLW*,/-]{1,60} ${NAMED} \?|\? ${NAMED} [A-Za-z\d#*,/-]{1,60})`;
const SCHEDULE = new RegExp(String.raw`^(?:${RATE}|cron\(${FIELD} ${FIELD} ${DAYS} ${FIELD}\))$`);

/**
 * Everything about a stage that an operator may decide, with what holds when nobody does. The same names in the
 * config file, in `--set name=value`, and in the documentation.
 */
export const SETTINGS = {
  rawBucket: text(
    'name of the bucket for raw events (null: with account and region)',
    null,
    BUCKET,
    BUCKET_WORDS,
  ),
  assetsBucket: text(
    'name of the bucket for code and images (null: with account and region)',
    null,
    BUCKET,
    BUCKET_WORDS,
  ),
  rawNoncurrentDays: whole('days until a replaced or deleted raw event is really gone', 30, 1, 3650),
  availabilityZone: text(
    'zone of the subnets and servers (null: the first that has them)',
    null,
    /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
    'a zone such as ap-southeast-1a',
  ),
  ec2Messages: yesOrNo('a third door for old SSM agents, at the price of a third endpoint', false),
  image: text(
    'image of the servers (null: the newest Debian 13 at their first deploy)',
    null,
    /^ami-[0-9a-z]{8,21}$/,
    'an image id such as ami-0a1b2c3d4e5f67890',
  ),
  warehouseInstanceType: text('server type of the warehouse', 't3.small', SERVER, `${SERVER_WORDS} t3.small`),
  // Two of the eight are PostgreSQL's log (max_wal_size).
  warehouseVolumeGb: whole('size of the warehouse volume; it can grow, never shrink', 30, 8, 16_384),
  webDb: yesOrNo('whether there is a server for the database of the web shop', true),
  webDbInstanceType: text('server type of the web database', 't3.micro', SERVER, `${SERVER_WORDS} t3.micro`),
  webDbVolumeGb: whole('size of the web database volume; it can grow, never shrink', 10, 4, 16_384),
  webDbCidrs: list('addresses that may reach the web database; nobody else can', [], {
    pattern: CIDR,
    expects: 'a range such as 203.0.113.7/32, /8 at the widest',
    max: 4,
  }),
  allowedOrigins: list('web sites whose pages may send events', ['*'], {
    pattern: ORIGIN,
    expects: 'an origin such as https://shop.example, or *',
    max: 10,
  }),
  throttleRate: whole('requests a second that the ingest door lets in', 50, 1, 10_000),
  throttleBurst: whole('requests at once that the ingest door lets in', 100, 1, 5000),
  schedule: text('when the ETL runs', 'rate(1 hour)', SCHEDULE, 'rate(1 hour), or cron(5 * * * ? *)'),
  scheduleEnabled: yesOrNo('whether the schedule runs', true),
  alarmEmail: text(
    'who is told when something is wrong (null: nobody)',
    null,
    /^[^\s@"'<>]{1,64}@[a-zA-Z0-9.-]{1,190}$/,
    'an e-mail address',
  ),
  logDays: whole('days that logs are kept', 30, 1, 3653),
  eventsPerMonth: whole('events a month that the cost estimate assumes', 1_000_000, 0, 1_000_000_000_000),
  eventsPerRequest: whole('events in one request that the cost estimate assumes', 1, 1, 1000),
} satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** Retention that CloudWatch Logs takes; other numbers of days are made up to the next. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * Settings from what was given, with defaults for the rest.
 *
 * @param given of one or more sources, the last one wins; null stands for "nothing given"
 * @throws SbwError SETTING_UNKNOWN, SETTING_INVALID (usage)
 */
export function readSettings(...given: readonly Readonly<Record<string, unknown>>[]): Settings {
  const merged = new Map<string, unknown>(given.flatMap((source) => Object.entries(source)));
  for (const name of merged.keys()) if (!Object.hasOwn(SETTINGS, name)) throw unknownSetting(name);
  const entries = Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => {
    const value = merged.get(name);
    if (value === undefined || value === null) return [name, setting.fallback];
    const read = setting.read(value);
    if (read === undefined) throw invalidSetting(name, setting, value);
    return [name, read];
  });
  const settings = Object.fromEntries(entries) as Settings;
  return { ...settings, logDays: LOG_DAYS.find((days) => days >= settings.logDays) ?? settings.logDays };
}

/** `name=value` of a flag; without a value the default is meant. @throws SbwError SETTING_INVALID (usage) */
export function parseAssignment(assignment: string): readonly [name: string, value: string | null] {
  const at = assignment.indexOf('=');
  if (at > 0) return [assignment.slice(0, at), assignment.slice(at + 1) || null];
  throw new SbwError('SETTING_INVALID', `${JSON.stringify(assignment)} sets nothing.`, {
    kind: 'usage',
    fix: 'name and value, such as --set warehouseInstanceType=t3.medium',
  });
}

function unknownSetting(name: string): SbwError {
  const names = Object.keys(SETTINGS);
  const closest = closestWord(name, names);
  const guess = closest === null ? '' : `did you mean ${closest}?   `;
  return new SbwError('SETTING_UNKNOWN', `There is no setting ${JSON.stringify(name.slice(0, 80))}.`, {
    kind: 'usage',
    fix: `${guess}all of them: ${names.join(', ')}`,
  });
}

function invalidSetting(name: string, { expects }: Setting<unknown>, value: unknown): SbwError {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 80);
  return new SbwError('SETTING_INVALID', `${name} cannot be ${shown}.`, {
    kind: 'usage',
    fix: `${name} is ${expects}`,
  });
}
