import { SbwError } from '../../errors.ts';
import type { Config } from '../../config.ts';
import { credentialsFrom } from '../aws-credentials.ts';
import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';

export interface SdkOptions {
  readonly aws: Config['aws'];
  /** For the user agent, so that CloudTrail shows which command called: `sbw/1.2.0 deploy`. */
  readonly userAgent: string;
}

/** What every SDK client of ours is made with. */
export interface SdkSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
  readonly retryMode: 'adaptive';
  readonly customUserAgent: string;
  readonly requestHandler: { readonly requestTimeout: number; readonly connectionTimeout: number };
}

type Credentials = NonNullable<CloudFormationClientConfig['credentials']>;

/** A call that takes longer hangs: the operator hears of it instead of waiting. */
const CALL_TIMEOUT_MS = 30_000;
/** CloudFormation and EC2 throttle bursts of describes; adaptive mode slows all calls of a client down together. */
const MAX_ATTEMPTS = 6;

/** @throws SbwError AWS_REGION_MISSING (environment) */
export function sdkSettings({ aws, userAgent }: SdkOptions): SdkSettings {
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
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'adaptive',
    customUserAgent: userAgent,
    requestHandler: { requestTimeout: CALL_TIMEOUT_MS, connectionTimeout: CALL_TIMEOUT_MS / 6 },
  };
}
