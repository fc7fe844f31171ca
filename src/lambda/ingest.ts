import { credentialsFrom } from '../adapters/aws-credentials.ts';
import { fromNodeProviderChain } from '../adapters/lambda/credential-providers.ts';
import { openObjectWriter } from '../adapters/lambda/object-writer.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { readConfig, type Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import { handleIngest, type IngestDeps } from '../etl/ingest/handler.ts';
import type { IngestRequest, IngestResponse } from '../etl/ingest/request.ts';
import { requireRawBucket, variablesOf } from './environment.ts';
import { log } from './log.ts';

let deps: IngestDeps | undefined;

/**
 * `clickstream-lambda-ingest`: API Gateway's proxy event (payload 2.0) in, the answer out; the events are in the raw
 * bucket by then. What was stored is not logged, only what could not be.
 */
export async function handler(request: IngestRequest): Promise<IngestResponse> {
  deps ??= composeIngest(readConfig());
  return handleIngest(deps, request);
}

/** @throws SbwError LAMBDA_ENVIRONMENT_INVALID, AWS_ENDPOINT_INVALID (environment) */
export function composeIngest({ aws, childEnvironment }: Config): IngestDeps {
  const { write } = openObjectWriter({
    bucket: requireRawBucket(childEnvironment),
    region: aws.region ?? variablesOf(childEnvironment)('AWS_REGION'),
    endpointUrl: aws.s3EndpointUrl,
    credentials: credentialsFrom(undefined, fromNodeProviderChain()),
  });
  return {
    clock: systemClock,
    newId: () => crypto.randomUUID(),
    allowedOrigins: (childEnvironment['ALLOWED_ORIGINS'] ?? '').split(',').filter((origin) => origin !== ''),
    store: {
      write: async (...object) => {
        try {
          await write(...object);
        } catch (error) {
          logFailure(error);
          throw error;
        }
      },
    },
    observe: (outcome) => {
      if (outcome.kind === 'refused' && outcome.status === 500) log({ level: 'ERROR', ...outcome });
    },
  };
}

function logFailure(error: unknown): void {
  const code = error instanceof SbwError ? error.code : 'UNEXPECTED';
  log({ level: 'ERROR', code, message: (error as Error).message });
}
