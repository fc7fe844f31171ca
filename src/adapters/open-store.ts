import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import type { ObjectStore } from '../etl/ports.ts';

/**
 * Opens what --raw names: `s3://bucket[/prefix]`, a `file://` URL, or a directory (relative to the working
 * directory). A directory that is not there is made with `create`, otherwise it is an error.
 * @throws SbwError RAW_URL_INVALID (usage); RAW_STORE_MISSING, RAW_STORE_WRITE_FAILED, AWS_REGION_MISSING,
 *   AWS_REGION_INVALID, AWS_ENDPOINT_INVALID (environment)
 */
export async function openStore(
  url: string,
  config: Pick<Config, 'cwd' | 'aws'>,
  options: { readonly create?: boolean } = {},
): Promise<ObjectStore> {
  if (url.startsWith('s3:')) return openBucket(url, config);
  const { openDirectoryStore } = await import('./directory-store.ts');
  return openDirectoryStore(resolve(config.cwd, pathOf(url)), options);
}

function pathOf(url: string): string {
  if (url.trim() === '' || url.includes('\0')) throw invalid(url);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid(url);
  }
}

const BUCKET_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s;

async function openBucket(url: string, { aws }: Pick<Config, 'aws'>): Promise<ObjectStore> {
  const match = BUCKET_URL.exec(url);
  if (match === null || !url.isWellFormed()) throw invalid(url);
  const [, bucket = '', path = ''] = match;
  // Other servers do not care for the region, but the signature needs one.
  const region = aws.region ?? (aws.s3EndpointUrl === undefined ? undefined : 'us-east-1');
  if (region === undefined) {
    throw new SbwError('AWS_REGION_MISSING', 'Nothing says which AWS region the bucket is in.', {
      kind: 'environment',
      fix: 'export AWS_REGION=ap-southeast-1',
    });
  }
  // It becomes part of a host name.
  if (!/^[a-z0-9-]{1,32}$/.test(region)) {
    throw new SbwError('AWS_REGION_INVALID', `${JSON.stringify(region)} is no AWS region.`, {
      kind: 'environment',
      fix: 'export AWS_REGION=ap-southeast-1',
    });
  }
  const { openS3Store } = await import('./s3-store.ts');
  const prefix = path.replace(/^\/+|\/+$/g, '');
  const { profile, s3EndpointUrl: endpointUrl } = aws;
  return openS3Store({ profile, endpointUrl, bucket, region, prefix: prefix === '' ? '' : `${prefix}/` });
}

function invalid(url: string): SbwError {
  return new SbwError(
    'RAW_URL_INVALID',
    `--raw ${JSON.stringify(url)} is neither a directory nor a bucket.`,
    { kind: 'usage', fix: '--raw ./raw   or   --raw s3://my-bucket/some/prefix' },
  );
}
