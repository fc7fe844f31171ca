import { SbwError, type ErrorKind } from '../../errors.ts';

/** Where an AWS call was made from, for the sentence. */
export interface AwsCall {
  /** `cloudformation:DescribeStacks`, as IAM writes it. */
  readonly action: string;
  /** Of the operator, for the fix. */
  readonly profile?: string | undefined;
}

interface Rule {
  readonly names: readonly string[];
  readonly code: string;
  readonly kind: ErrorKind;
  say(call: AwsCall, message: string): { message: string; fix?: string };
}

const login = ({ profile }: AwsCall): string =>
  `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}   or check AWS_PROFILE and the keys`;

/** AWS's names for what every service can answer, and what they mean for the operator. */
const RULES: readonly Rule[] = [
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
    code: 'AWS_CREDENTIALS_EXPIRED',
    kind: 'environment',
    say: (call) => ({ message: 'The AWS credentials have expired.', fix: login(call) }),
  },
  {
    names: [
      'AuthFailure',
      'IncompleteSignature',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'MissingAuthenticationToken',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    code: 'AWS_CREDENTIALS_REFUSED',
    kind: 'environment',
    say: (call) => ({ message: 'AWS does not accept the credentials.', fix: login(call) }),
  },
  {
    names: ['RequestTimeTooSkewed', 'InvalidSignatureException'],
    code: 'CLOCK_SKEWED',
    kind: 'environment',
    say: () => ({
      message: 'AWS does not accept the signature; most often the clock of this computer is wrong.',
      fix: 'sudo timedatectl set-ntp true',
    }),
  },
  {
    names: ['OptInRequired', 'RegionDisabledException', 'SubscriptionRequiredException'],
    code: 'AWS_REGION_DISABLED',
    kind: 'environment',
    say: () => ({
      message: 'The account has not enabled this region or service.',
      fix: 'enable the region in the account settings, or choose another: --region ap-southeast-1',
    }),
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AuthorizationError',
      'Forbidden',
      'UnauthorizedOperation',
    ],
    code: 'AWS_ACCESS_DENIED',
    kind: 'environment',
    say: ({ action }, message) => ({
      message: `May not call ${action}: ${withoutEncoded(message)}`,
      fix: `ask for the permission ${action}, then run the same command again`,
    }),
  },
  {
    names: [
      'RequestLimitExceeded',
      'SlowDown',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
    ],
    code: 'AWS_THROTTLED',
    kind: 'environment',
    say: ({ action }) => ({
      message: `AWS throttles ${action}, also after several tries.`,
      fix: 'run the same command again in a minute',
    }),
  },
];

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENETUNREACH',
  'EPIPE',
  'EHOSTUNREACH',
  'ETIMEDOUT',
]);

/** What went wrong in a call to AWS, as an error of ours: AWS_*, CLOCK_SKEWED, else AWS_CALL_FAILED. */
export function toSbwError(error: unknown, call: AwsCall): SbwError {
  if (error instanceof SbwError) return error;
  const { name, message } = error as Error;
  const word = isBareRefusal(error) ? 'Forbidden' : name;
  const rule = RULES.find(({ names }) => names.includes(word) || names.includes(codeOf(error)));
  if (rule !== undefined) {
    const said = rule.say(call, message);
    return new SbwError(rule.code, said.message, { kind: rule.kind, fix: said.fix, cause: error });
  }
  if (UNREACHABLE.has(codeOf(error)) || name === 'TimeoutError') {
    return new SbwError(
      'AWS_UNREACHABLE',
      `Cannot reach AWS for ${call.action}: ${message || codeOf(error)}`,
      {
        kind: 'environment',
        fix: 'check the network, --region and AWS_ENDPOINT_URL',
        cause: error,
      },
    );
  }
  return new SbwError('AWS_CALL_FAILED', `${call.action} failed: ${name}: ${withoutEncoded(message)}`, {
    cause: error,
  });
}

/** Whether AWS says that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  const name = `${(error as Error).name} ${codeOf(error)}`;
  // As AWS writes it: ENOTFOUND is the name server's word, and AWS has said nothing.
  return /NotFound|NoSuch|DoesNotExist|NonExistent/.test(name);
}

/** The answer to a HEAD has no body, and so no word for its 403: the SDK calls it Unknown. */
function isBareRefusal(error: unknown): boolean {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return name === 'Unknown' && $metadata?.httpStatusCode === 403;
}

function codeOf(error: unknown): string {
  const { code, Code } = error as { code?: unknown; Code?: unknown };
  return typeof code === 'string' ? code : typeof Code === 'string' ? Code : '';
}

/** EC2 puts a long encoded blob into its refusals, which tells nobody anything. */
function withoutEncoded(message: string): string {
  return message.replace(/\s*Encoded authorization failure message:.*$/s, '').slice(0, 600);
}
