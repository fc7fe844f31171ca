import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import type { ObjectStore } from '../etl/ports.ts';

/**
 * Opens what --raw names: `s3://bucket[/prefix]`, a `file://` URL, or a directory (relative to the working
 * directory).
 * @throws SbwError RAW_URL_INVALID (usage), RAW_STORE_MISSING, AWS_REGION_MISSING (environment)
 */
export async function openStore(url: string, config: Pick<Config, 'cwd' | 'aws'>): Promise<ObjectStore> {
  if (url.startsWith('s3://')) return openBucket(url, config);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !url.startsWith('file://')) throw invalid(url);
  const { openDirectoryStore } = await import('./directory-store.ts');
  const path = url.startsWith('file://') ? fileURLToPath(url) : url;
  return openDirectoryStore(isAbsolute(path) ? path : join(config.cwd, path));
}

const BUCKET_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

async function openBucket(url: string, { aws }: Pick<Config, 'aws'>): Promise<ObjectStore> {
  const match = BUCKET_URL.exec(url);
  if (match === null) throw invalid(url);
  const [, bucket = '', path = ''] = match;
  // Other servers do not care for the region, but the signature needs one.
  const region = aws.region ?? (aws.endpointUrl === undefined ? undefined : 'us-east-1');
  if (region === undefined) {
    throw new SbwError('AWS_REGION_MISSING', 'Nothing says which AWS region the bucket is in.', {
      kind: 'environment',
      fix: 'export AWS_REGION=ap-southeast-1',
    });
  }
  const { openS3Store } = await import('./s3-store.ts');
  const prefix = path.replace(/^\/+|\/+$/g, '');
  return openS3Store({ ...aws, bucket, region, prefix: prefix === '' ? '' : `${prefix}/` });
}

function invalid(url: string): SbwError {
  return new SbwError(
    'RAW_URL_INVALID',
    `--raw ${JSON.stringify(url)} is neither a directory nor a bucket.`,
    {
      kind: 'usage',
      fix: '--raw ./raw   or   --raw s3://my-bucket/some/prefix',
    },
  );
}
