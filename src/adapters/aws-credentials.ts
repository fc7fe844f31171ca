import { SbwError } from '../errors.ts';
import type { AwsCredentials } from './sigv4.ts';

/** Renewed so long before they end: a request on its way must not meet the end. */
const RENEW_MS = 5 * 60_000;

/**
 * The SDK's provider chain (environment, profile, SSO, instance role), asked at the first use and again shortly
 * before the credentials end. The SDK is loaded only then: `sbw --help` must not wait for it.
 */
export function credentialsFrom(profile: string | undefined): () => Promise<AwsCredentials> {
  let current: AwsCredentials | undefined;
  let asking: Promise<AwsCredentials> | undefined;
  const ask = async (): Promise<AwsCredentials> => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    try {
      current = await fromNodeProviderChain(profile === undefined ? {} : { profile })();
      return current;
    } catch (error) {
      throw new SbwError('AWS_CREDENTIALS_MISSING', `No AWS credentials: ${(error as Error).message}`, {
        kind: 'environment',
        fix: `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}   or set AWS_PROFILE`,
        cause: error,
      });
    }
  };
  return async () => {
    const endsAt = current?.expiration?.getTime() ?? Infinity;
    if (current !== undefined && endsAt - Date.now() > RENEW_MS) return current;
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  };
}
