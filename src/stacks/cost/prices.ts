/** What one unit of something costs. */
export interface Price {
  /** US dollars, without taxes, free tiers and discounts. */
  readonly usd: number;
  readonly unit: string;
  /** Month in which the source was read. */
  readonly seenAt: string;
  readonly source: string;
  /** False: known second-hand only; estimates that rest on it say so. */
  readonly isConfirmed: boolean;
}

/** The region that all prices are of. */
export const PRICE_REGION = 'ap-southeast-1';

/** When most of them were read; each price carries its own month. */
export const PRICE_DATE = '2026-08';

const LIST = 'AWS Price List API';

const listed = (usd: number, unit: string): Price => ({
  ...{ usd, unit, seenAt: PRICE_DATE, source: LIST, isConfirmed: true },
});

const assumed = (usd: number, unit: string, source: string): Price => ({
  ...{ usd, unit, seenAt: PRICE_DATE, source, isConfirmed: false },
});

/** Everything but servers. Units are those that AWS bills in. */
export const PRICES = {
  volume: listed(0.096, 'GB of gp3 and month'),
  snapshot: assumed(0.05, 'GB and month', 'not in the extract; what most regions cost'),
  door: listed(0.013, 'hour of an interface endpoint in one zone'),
  address: {
    ...{ usd: 0.005, unit: 'hour of a public IPv4 address', seenAt: '2024-02', isConfirmed: false },
    source: 'AWS announcement: the same in all regions',
  },
  apiRequest: assumed(1.25e-6, 'request of up to 512 KB to an HTTP API', 'us-east-1 costs 1.00 a million'),
  lambdaRequest: listed(0.2e-6, 'invocation'),
  lambdaTime: assumed(0.0000133334, 'GB and second on arm64', 'four fifths of the listed x86 price'),
  storage: listed(0.025, 'GB in S3 Standard and month'),
  put: listed(0.000005, 'PUT or LIST request to S3'),
  get: listed(0.0000004, 'GET request to S3'),
  log: listed(0.7, 'GB taken in by CloudWatch Logs'),
  logStorage: listed(0.03, 'GB kept in CloudWatch Logs and month'),
  alarm: assumed(0.1, 'alarm and month', 'not in the extract; what most regions cost'),
  metric: assumed(0.3, 'custom metric and month', 'not in the extract; what most regions cost'),
} as const satisfies Readonly<Record<string, Price>>;

const T3_SMALL = 0.0264;

const t3 = (timesSmall: number): Price =>
  timesSmall === 1
    ? listed(T3_SMALL, 'hour, Linux')
    : assumed(
        T3_SMALL * timesSmall,
        'hour, Linux',
        't3.small is listed; every size of t3 doubles the one below',
      );

/** Servers on demand, from small to large. Image and packages are for x86-64, so there are no Graviton types. */
const SERVERS: Readonly<Record<string, Price>> = {
  't3.nano': t3(1 / 4),
  't3.micro': t3(1 / 2),
  't3.small': t3(1),
  't3.medium': t3(2),
  't3.large': t3(4),
  't3.xlarge': t3(8),
  't3.2xlarge': t3(16),
};

/** Types that have a price here, from small to large. */
export const SERVER_TYPES: readonly string[] = Object.keys(SERVERS);

/** Null: a type that this table does not have. */
export function priceOfServer(type: string): Price | null {
  return Object.hasOwn(SERVERS, type) ? SERVERS[type]! : null;
}
