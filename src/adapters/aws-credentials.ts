import { SbwError } from '../errors.ts';
import type { AwsCredentials } from './sigv4.ts';

/** Renewed so long before they end: a request on its way must not meet the end. */
const RENEW_MS = 5 * 60_000;

/** Valid credentials: at once when they are known, else as soon as they are. */
export type CredentialSource = () => AwsCredentials | Promise<AwsCredentials>;

/**
 * The SDK's provider chain (environment, profile, SSO, instance role), asked at the first use and again shortly
 * before the credentials end. The SDK is loaded only then: `sbw --help` must not wait for it.
 * @returns the credentials; rejects with SbwError AWS_CREDENTIALS_MISSING (environment)
 */
export function credentialsFrom(
  profile: string | undefined,
  provide: () => Promise<AwsCredentials> = () => askProviders(profile),
): CredentialSource {
  let current: AwsCredentials | undefined;
  let asking: Promise<AwsCredentials> | undefined;
  const ask = async (): Promise<AwsCredentials> => {
    try {
      current = await provide();
      return current;
    } catch (error) {
      // What is still valid serves until the provider is back.
      if (current !== undefined && msLeft(current) > 0) return current;
      throw new SbwError('AWS_CREDENTIALS_MISSING', `No AWS credentials: ${(error as Error).message}`, {
        kind: 'environment',
        fix: `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}   or set AWS_PROFILE`,
        cause: error,
      });
    }
  };
  return () => {
    if (current !== undefined && msLeft(current) > RENEW_MS) return current;
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  };
}

async function askProviders(profile: string | undefined): Promise<AwsCredentials> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return fromNodeProviderChain(profile === undefined ? {} : { profile })();
}

function msLeft({ expiration }: AwsCredentials): number {
  return expiration === undefined ? Infinity : expiration.getTime() - Date.now();
}
