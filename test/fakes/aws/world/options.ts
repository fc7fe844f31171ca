/** How a fake account is and how time runs in it. Times are minutes of the fake's own clock. */
export interface FakeAwsOptions {
  readonly region?: string;
  readonly accountId?: string;
  readonly startAt?: Date;
  /** Real milliseconds of one minute; Infinity stops the clock but for `advance`. */
  readonly msPerMinute?: number;
  /** Entries of one page of every listing, whatever the client asks for. */
  readonly pageSize?: number;
  /** Keys of one page of an S3 listing, if the client does not ask for fewer. */
  readonly objectPageSize?: number;
  /** Zones of the region, by their letter. */
  readonly zones?: readonly string[];
  /** Instance types that no zone offers. */
  readonly missingInstanceTypes?: readonly string[];
  /** Concurrent Lambda executions of the account; new accounts have 10. */
  readonly concurrencyLimit?: number;
  readonly addressLimit?: number;
  readonly vpcLimit?: number;
  /** The network cards of a Lambda in a VPC, from the moment that no function needs them any more. */
  readonly cards?: { readonly availableAfter: number; readonly goneAfter: number };
  /** How long the tagging API goes on listing what is gone. */
  readonly tagLag?: number;
  /** How long CloudFormation tries to delete what something else still uses. */
  readonly deletePatience?: number;
  /** Stack events: how long every third one stays invisible, and whether a page begins with the last one's end. */
  readonly events?: { readonly lateMinutes?: number; readonly areRepeated?: boolean };
  /** What servers do, until a test says otherwise. */
  readonly host?: HostBehaviour;
}

/** How a server that was started by a template behaves. */
export interface HostBehaviour {
  /** From its wait condition's start to its signal; null when it never comes. */
  readonly signalAfter: number | null;
  readonly status: 'SUCCESS' | 'FAILURE';
  /** For FAILURE: the tail of its log. */
  readonly reason: string;
  /** From running to the SSM agent's first ping; null when it never pings. */
  readonly onlineAfter: number | null;
  /** What the serial console shows. */
  readonly console: string;
}

export const HEALTHY_HOST: HostBehaviour = {
  signalAfter: 6,
  status: 'SUCCESS',
  reason: 'ready',
  onlineAfter: 4,
  console: 'sbw: ready\n',
};

export type Settings = Required<Omit<FakeAwsOptions, 'events'>> & {
  readonly events: { readonly lateMinutes: number; readonly areRepeated: boolean };
};

export function settingsOf(options: FakeAwsOptions): Settings {
  return {
    region: 'ap-southeast-1',
    accountId: '123456789012',
    startAt: new Date(),
    msPerMinute: 20,
    pageSize: 5,
    objectPageSize: 1000,
    zones: ['a', 'b', 'c'],
    missingInstanceTypes: [],
    concurrencyLimit: 1000,
    addressLimit: 5,
    vpcLimit: 5,
    cards: { availableAfter: 8, goneAfter: 20 },
    tagLag: 1,
    deletePatience: 10,
    host: HEALTHY_HOST,
    ...options,
    events: { lateMinutes: 0, areRepeated: false, ...options.events },
  };
}
