import { SbwError } from '../../../errors.ts';

/** Where Session Manager's data channels are, in all partitions. */
const SERVICE_HOST =
  /^ssmmessages(-fips)?\.[a-z]{2}[a-z-]*-\d\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)$/;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

export interface HostRule {
  /** A private endpoint that takes the place of the service's host; undefined: none. */
  readonly override?: URL | undefined;
  /** The API is on this machine, so its data channels may be. */
  readonly isLoopbackTrusted: boolean;
}

/**
 * The stream URL, checked: with the token goes access to the instance, so it goes nowhere else than to AWS.
 * @throws SbwError TUNNEL_HOST_REFUSED
 */
export function checkStreamUrl(text: string, { override, isLoopbackTrusted }: HostRule): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '') throw refused('no URL of a data channel');
  if (LOOPBACK.test(url.hostname) && isLoopbackTrusted) return url;
  if (url.protocol !== 'wss:') throw refused(`${url.protocol}//${url.host}`);
  if (!SERVICE_HOST.test(url.hostname) || url.port !== '') throw refused(url.host);
  // The only part that may be changed.
  if (override !== undefined) url.host = override.host;
  return url;
}

export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

function refused(where: string): SbwError {
  return new SbwError(
    'TUNNEL_HOST_REFUSED',
    `Session Manager names a host for the data channel that is not AWS's: ${where}.`,
    {
      kind: 'environment',
      fix: 'check AWS_ENDPOINT_URL and the proxy; a private endpoint is named with AWS_ENDPOINT_URL_SSMMESSAGES',
    },
  );
}
