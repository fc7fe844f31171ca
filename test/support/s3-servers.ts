import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { buildApp } from 'fauxqs';

export interface S3Server {
  readonly endpointUrl: string;
  /** Through the AWS SDK; the name is new each time. */
  createBucket(): Promise<string>;
  readonly sdk: S3Client;
  close(): Promise<void>;
}

/** The emulator takes any key pair; the client's provider chain reads these. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTESTTESTTESTTEST';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test-secret';
}

/** A real S3 server (fauxqs) on a free port of 127.0.0.1. */
export async function startS3Server(): Promise<S3Server> {
  useTestCredentials();
  const app = buildApp({ logger: false });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address() as { port: number };
  const endpointUrl = `http://127.0.0.1:${address.port}`;
  const sdk = new S3Client({ endpoint: endpointUrl, region: 'us-east-1', forcePathStyle: true });
  return {
    endpointUrl,
    sdk,
    async createBucket() {
      const bucket = `sbw-${randomUUID()}`;
      await sdk.send(new CreateBucketCommand({ Bucket: bucket }));
      return bucket;
    },
    async close() {
      sdk.destroy();
      await app.close();
    },
  };
}
