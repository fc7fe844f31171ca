import { SbwError } from '../../errors.ts';
import type { Config } from '../../config.ts';
import type { PlatformOptions } from '../../stacks/ports/platform.ts';
import { credentialsFrom } from '../aws-credentials.ts';
import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';

export interface SdkOptions {
  readonly aws: Omit<Config['aws'], 's3EndpointUrl'>;
  /** For the user agent, so that CloudTrail shows which command called: `sbw/1.2.0 deploy`. */
  readonly userAgent: string;
  /** For looks that must not take long: a call ends after this, and is tried once more at most. */
  readonly patienceMs?: number | undefined;
}

/** What every SDK client of ours is made with. */
export interface SdkSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
  readonly retryMode: 'adaptive';
  readonly customUserAgent: string;
  readonly requestHandler: {
    readonly requestTimeout: number;
    /** Otherwise the SDK only writes a warning, and waits for ever. */
    readonly throwOnRequestTimeout: true;
    readonly connectionTimeout: number;
  };
}

type Credentials = NonNullable<CloudFormationClientConfig['credentials']>;

/** A call that takes longer hangs: the operator hears of it instead of waiting. */
const CALL_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
/** CloudFormation and EC2 throttle bursts of describes; adaptive mode slows all calls of a client down together. */
const MAX_ATTEMPTS = 6;

/** Flags before the environment. */
export function awsConfig({ aws }: Config, { region, profile }: PlatformOptions): Config['aws'] {
  return { ...aws, region: region ?? aws.region, profile: profile ?? aws.profile };
}

/** @throws SbwError AWS_REGION_MISSING (environment) */
export function sdkSettings({ aws, userAgent, patienceMs }: SdkOptions): SdkSettings {
  if (aws.region === undefined) {
    throw new SbwError('AWS_REGION_MISSING', 'Nothing says which AWS region to work in.', {
      kind: 'environment',
      fix: 'export AWS_REGION=ap-southeast-1   or --region ap-southeast-1',
    });
  }
  const credentials = credentialsFrom(aws.profile);
  return {
    region: aws.region,
    ...(aws.endpointUrl === undefined ? {} : { endpoint: aws.endpointUrl }),
    // The SDK's type knows no `undefined` in place of an absent token; its code takes either.
    credentials: (async () => credentials()) as Credentials,
    maxAttempts: patienceMs === undefined ? MAX_ATTEMPTS : 2,
    retryMode: 'adaptive',
    customUserAgent: userAgent,
    requestHandler: {
      requestTimeout: patienceMs ?? CALL_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      connectionTimeout: Math.min(patienceMs ?? Infinity, CONNECT_TIMEOUT_MS),
    },
  };
}
