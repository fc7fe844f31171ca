import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildApp } from 'fauxqs';
import { startS3Gateway, type FaultOf } from './s3-gateway.ts';

export interface S3Server {
  readonly endpointUrl: string;
  /** Through the AWS SDK; the name is new each time. */
  createBucket(): Promise<string>;
  /** Speaks to the server directly, past all faults. */
  readonly sdk: S3Client;
  close(): Promise<void>;
}

export const TEST_SECRET = 'test-secret';

/** The emulator takes any key pair; the client's provider chain reads these. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTESTTESTTESTTEST';
  process.env['AWS_SECRET_ACCESS_KEY'] = TEST_SECRET;
}

/**
 * A real S3 server (fauxqs) on a free port of 127.0.0.1, behind a gateway that adds the conditional PUT it lacks
 * and, when asked, the faults of a real network.
 */
export async function startS3Server(faultOf: FaultOf = () => null): Promise<S3Server> {
  useTestCredentials();
  const app = buildApp({ logger: false });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const gateway = await startS3Gateway(port, faultOf);
  const endpoint = `http://127.0.0.1:${port}`;
  const sdk = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  return {
    endpointUrl: gateway.endpointUrl,
    sdk,
    async createBucket() {
      const bucket = `sbw-${randomUUID()}`;
      await sdk.send(new CreateBucketCommand({ Bucket: bucket }));
      return bucket;
    },
    async close() {
      sdk.destroy();
      await gateway.close();
      await app.close();
    },
  };
}

/** bench/s3-server.ts in a process of its own: any bucket exists, and it sorts as S3 does. */
export async function startFastS3Server(): Promise<{ endpointUrl: string; close(): Promise<void> }> {
  useTestCredentials();
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/s3-server.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return {
    endpointUrl: `http://127.0.0.1:${port}`,
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
