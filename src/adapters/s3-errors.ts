import { SbwError } from '../errors.ts';
import type { S3Answer } from './s3-client.ts';
import { textAt } from './s3-list.ts';

/** The keys, not the rights, are wrong; waiting or reading something else does not help. */
const CREDENTIAL_CODES = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
]);
const NETWORK_FIX = 'check the network, --raw and AWS_ENDPOINT_URL';
const LIST_FIX = 'run the same command again; if it stays, check the network and AWS_ENDPOINT_URL';
/** No connection came about: the store is away, whatever was asked of it. */
const UNREACHABLE_CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** AWS answers these when it wants to be asked again: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const RETRIED = new Set([429, 500, 502, 503, 504]);
/** So do these, under 400 and 409. */
const RETRIED_CODES = new Set(['RequestTimeout', 'ConditionalRequestConflict', 'OperationAborted']);
/** Asking again gives the same. */
const FINAL = new Set(['ENOTFOUND', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_INVALID_ARG']);

/** S3's name for what went wrong, such as `SlowDown`; '' when the answer has none. The rest may quote the request. */
function codeOfAnswer({ body }: S3Answer): string {
  const xml = body.toString('utf8', 0, 4096);
  const code = textAt(xml, 'Code', 0, xml.length);
  return /^[\w.-]{1,64}$/.test(code) ? code : '';
}

/** Whether the same request may well succeed in a moment. */
export function isRetried(answer: S3Answer): boolean {
  if (answer.status === 400 || answer.status === 409) return RETRIED_CODES.has(codeOfAnswer(answer));
  return RETRIED.has(answer.status);
}

/** Trouble of the network carries a code of Node or undici; our own errors and those of programming do not. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code !== '' && !FINAL.has(code) && !(error instanceof SbwError);
}

/** Why one object cannot be read: RAW_OBJECT_*, or what ails the whole store. */
export function objectRefused(answer: S3Answer, url: string, key: string): SbwError {
  const problem = storeProblem(answer, url);
  if (problem !== null) return problem;
  const said = describe(answer);
  if (answer.status === 404) return new SbwError('RAW_OBJECT_MISSING', `There is no object ${key}: ${said}.`);
  if (answer.status === 403) return new SbwError('RAW_OBJECT_FORBIDDEN', `May not read ${key}: ${said}.`);
  return new SbwError('RAW_OBJECT_READ_FAILED', `Cannot read ${key}: ${said}.`);
}

/** Why the bucket cannot be listed: RAW_STORE_* and the like, kind environment. */
export function listRefused(answer: S3Answer, url: string): SbwError {
  const problem = storeProblem(answer, url);
  if (problem !== null) return problem;
  const said = describe(answer);
  if (answer.status === 403) {
    return environment(
      'RAW_STORE_FORBIDDEN',
      `${url} refuses us: ${said}.`,
      'check AWS_PROFILE, and that it may s3:ListBucket, s3:GetObject and (for ingest) s3:PutObject here',
    );
  }
  return environment('RAW_STORE_LIST_FAILED', `Cannot list ${url}: ${said}.`, LIST_FIX);
}

export function writeRefused(answer: S3Answer, url: string, key: string): SbwError {
  const problem = storeProblem(answer, url);
  const fix = answer.status === 403 ? 'check AWS_PROFILE, and that it may s3:PutObject here' : undefined;
  return new SbwError(
    'RAW_STORE_WRITE_FAILED',
    `Cannot write ${key} to ${url}: ${problem?.message ?? `${describe(answer)}.`}`,
    { kind: 'environment', fix: problem?.fix ?? fix, cause: problem ?? undefined },
  );
}

/** Reading failed below HTTP, or before it. */
export function readFailed(error: unknown, url: string, key: string): SbwError {
  if (error instanceof SbwError) return error;
  if (UNREACHABLE_CODES.has(codeOf(error))) return unreachable(error, url);
  return new SbwError('RAW_OBJECT_READ_FAILED', `Cannot read ${key}: ${reasonOf(error)}`, { cause: error });
}

export function listFailed(error: unknown, url: string): SbwError {
  if (error instanceof SbwError) return error;
  if (UNREACHABLE_CODES.has(codeOf(error))) return unreachable(error, url);
  return environment('RAW_STORE_LIST_FAILED', `Cannot list ${url}: ${reasonOf(error)}`, LIST_FIX, error);
}

export function writeFailed(error: unknown, url: string, key: string): SbwError {
  const fix = error instanceof SbwError ? error.fix : NETWORK_FIX;
  return new SbwError('RAW_STORE_WRITE_FAILED', `Cannot write ${key} to ${url}: ${reasonOf(error)}`, {
    kind: 'environment',
    fix,
    cause: error,
  });
}

/** What is wrong whichever object was asked for; null when it is this request's own problem. */
function storeProblem(answer: S3Answer, url: string): SbwError | null {
  const code = codeOfAnswer(answer);
  if (code === 'NoSuchBucket') {
    return environment('RAW_STORE_MISSING', `There is no bucket ${url}.`, 'check --raw and AWS_ENDPOINT_URL');
  }
  if (code === 'RequestTimeTooSkewed') {
    const message = "This computer's clock is more than 15 minutes wrong; AWS accepts no signature from it.";
    return environment('CLOCK_SKEWED', message, 'set the clock: sudo timedatectl set-ntp true');
  }
  if (CREDENTIAL_CODES.has(code)) {
    const fix = 'aws sso login   or check AWS_PROFILE and the keys';
    return environment('AWS_CREDENTIALS_REFUSED', `AWS does not accept the credentials: ${code}.`, fix);
  }
  if (answer.status === 301 || answer.status === 307 || code === 'AuthorizationHeaderMalformed') {
    const region = String(answer.headers['x-amz-bucket-region'] ?? '');
    const isRegion = /^[a-z0-9-]{1,32}$/.test(region);
    return environment(
      'RAW_STORE_ELSEWHERE',
      `${url} is in another region${isRegion ? `: ${region}` : ''}.`,
      `export AWS_REGION=${isRegion ? region : '<its region>'}`,
    );
  }
  return null;
}

function unreachable(error: unknown, url: string): SbwError {
  return environment('RAW_STORE_UNREACHABLE', `Cannot reach ${url}: ${reasonOf(error)}`, NETWORK_FIX, error);
}

function environment(code: string, message: string, fix: string, cause?: unknown): SbwError {
  return new SbwError(code, message, { kind: 'environment', fix, cause });
}

function describe(answer: S3Answer): string {
  const code = codeOfAnswer(answer);
  return code === '' ? `HTTP ${answer.status}` : `${code} (HTTP ${answer.status})`;
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** A refused connection to a name with two addresses is an AggregateError without a message. */
function reasonOf(error: unknown): string {
  return (error as Error).message || codeOf(error) || 'the connection failed';
}
