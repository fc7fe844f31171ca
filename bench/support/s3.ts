import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import type { ObjectStore } from '../../src/etl/ports.ts';
import { cpuOf } from './cpu.ts';
import type { Filling } from './events.ts';

export const BUCKET = 'raw';

export interface BenchS3 {
  readonly endpointUrl: string;
  /** Replaces what the server holds. */
  fill(filling: Filling): Promise<void>;
  /** GETs of objects since the last fill. */
  reads(): Promise<number>;
  openStore(): Promise<ObjectStore>;
  /** CPU time of the server so far, microseconds. */
  cpuUs(): number;
  stop(): Promise<void>;
}

/** bench/s3-server.ts in a process of its own; each answer but those to us is late by `latencyMs` on average. */
export async function startS3(latencyMs = 0): Promise<BenchS3> {
  // The server takes any key pair; the client's provider chain reads these.
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTESTTESTTESTTEST';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test-secret';
  const child = spawn(process.execPath, [...serverScript(), '--latency-ms', String(latencyMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const died = ended.then(([code]) => {
    throw new Error(`The S3 server ended with ${String(code)}.`);
  });
  died.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), died])) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const endpointUrl = `http://127.0.0.1:${port}`;
  return {
    endpointUrl,
    fill: async (filling) => {
      const answer = await fetch(`${endpointUrl}/_fill`, { method: 'POST', body: JSON.stringify(filling) });
      const { events } = (await answer.json()) as { events: number };
      if (events !== filling.events) throw new Error(`The S3 server holds ${events} events.`);
    },
    reads: async () => {
      const answer = await fetch(`${endpointUrl}/_stats`);
      return ((await answer.json()) as { get: number }).get;
    },
    openStore: () =>
      openS3Store({ bucket: BUCKET, prefix: '', region: 'us-east-1', profile: undefined, endpointUrl }),
    cpuUs: () => cpuOf(child.pid!),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Beside us when bundled by scripts/bench.mjs; a test runs the source. */
function serverScript(): string[] {
  if (import.meta.url.endsWith('.mjs')) return [fileURLToPath(new URL('s3-server.mjs', import.meta.url))];
  return ['--import', 'tsx', fileURLToPath(new URL('../s3-server.ts', import.meta.url))];
}
