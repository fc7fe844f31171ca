import type { Protocol } from '../services/service.ts';
import type { ScriptedError } from '../world/script.ts';
import { AwsFault } from './fault.ts';

type Named = Extract<ScriptedError, string>;
type Wording = readonly [code: string, status: number];

/** Each protocol's own words for what can go wrong anywhere. */
const WORDINGS: Readonly<Record<Named, Readonly<Record<Protocol, Wording>>>> = {
  'access-denied': {
    query: ['AccessDenied', 403],
    ec2: ['UnauthorizedOperation', 403],
    json: ['AccessDeniedException', 400],
    'rest-json': ['AccessDeniedException', 403],
    'rest-xml': ['AccessDenied', 403],
  },
  throttled: {
    query: ['Throttling', 400],
    ec2: ['RequestLimitExceeded', 503],
    json: ['ThrottlingException', 400],
    'rest-json': ['TooManyRequestsException', 429],
    'rest-xml': ['SlowDown', 503],
  },
  'expired-credentials': {
    query: ['ExpiredToken', 403],
    ec2: ['RequestExpired', 400],
    json: ['ExpiredTokenException', 400],
    'rest-json': ['ExpiredTokenException', 403],
    'rest-xml': ['ExpiredToken', 400],
  },
  unavailable: {
    query: ['ServiceUnavailable', 503],
    ec2: ['Unavailable', 503],
    json: ['ServiceUnavailableException', 503],
    'rest-json': ['ServiceException', 500],
    'rest-xml': ['InternalError', 500],
  },
};

/** A scripted error as the service would put it. */
export function refusalOf(
  error: ScriptedError,
  protocol: Protocol,
  action: string,
  userArn: string,
): AwsFault {
  if (typeof error !== 'string') return new AwsFault(error.code, error.message, error.status);
  const [code, status] = WORDINGS[error][protocol];
  const messages: Readonly<Record<Named, string>> = {
    'access-denied': `User: ${userArn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    throttled: protocol === 'ec2' ? 'Request limit exceeded.' : 'Rate exceeded',
    'expired-credentials': 'The security token included in the request is expired',
    unavailable: 'Service is unable to handle request.',
  };
  return new AwsFault(code, messages[error], status);
}
