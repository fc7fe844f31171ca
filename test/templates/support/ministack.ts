import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requirePythonTool } from './python-tool.ts';

/** Slow machines take a while to load Python; it is there in 2 s otherwise. */
const START_MS = 60_000;
export const ACCOUNT = '123456789012';
export const REGION = 'ap-southeast-1';

/** Options for any SDK client that is to speak with the server. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  /** Twelve digits as the key id choose the account. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Ministack {
  readonly client: ClientOptions;
  close(): Promise<void>;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/**
 * An empty AWS of ministack's on a free port of 127.0.0.1, in a process of its own.
 * @throws Error with its output when it does not come up
 */
export async function startMinistack(): Promise<Ministack> {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(requirePythonTool('ministack'), [], {
    // By itself it listens on all addresses, and on another port for MQTT.
    env: { ...process.env, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), IOT_MTLS_ENABLED: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const giveUpAt = Date.now() + START_MS;
  while (!(await isReady(endpoint))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      await close();
      throw new Error(`ministack did not start:\n${output}`);
    }
    await sleep(100);
  }
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
  return { client: { endpoint, region: REGION, credentials }, close };
}
