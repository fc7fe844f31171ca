import { SbwError } from '../errors.ts';

/** The variables that a function was given; Config hands them on unread. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Gives each variable by its name. @throws SbwError LAMBDA_ENVIRONMENT_INVALID when it is missing or empty */
export function variablesOf(environment: Environment): (name: string) => string {
  return (name) => {
    const value = environment[name];
    if (value !== undefined && value !== '') return value;
    throw invalid(`${name} is not set`);
  };
}

/**
 * The bucket of the raw events. Two names are in use for it; either will do.
 * @throws SbwError LAMBDA_ENVIRONMENT_INVALID when they differ, or both are missing
 */
export function requireRawBucket(environment: Environment): string {
  const names = [environment['RAW_BUCKET_NAME'], environment['RAW_BUCKET']].filter(Boolean);
  if (new Set(names).size > 1) throw invalid('RAW_BUCKET and RAW_BUCKET_NAME name two buckets');
  return names[0] ?? variablesOf(environment)('RAW_BUCKET_NAME');
}

function invalid(what: string): SbwError {
  return new SbwError('LAMBDA_ENVIRONMENT_INVALID', `The function is set up wrongly: ${what}.`, {
    kind: 'environment',
    fix: 'sbw deploy',
  });
}
