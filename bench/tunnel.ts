/**
 * `sbw tunnel` on loopback, against the fake agent at the pace of the real one (651 messages of 1024 bytes a second):
 * what the tunnel adds or loses, not what a network does.
 *   npm run bench -- tunnel [--events <megabytes of the memory test, default 1000>]
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { FakeSsmOptions } from '../test/fakes/ssm/fake-ssm.ts';
import { standUp } from '../test/fakes/ssm/stand.ts';
import type { Stand } from '../test/fakes/ssm/stand.ts';
import type { TunnelOptions } from '../src/tunnel/tunnel.ts';
import { median } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

const MB = 1e6;
const AGENT_PER_SECOND = 651;
/** Frames of 32 KiB, each with a header of 8 bytes, in messages of 1024. */
const AGENT_BYTES_PER_SECOND = AGENT_PER_SECOND * 1024 * (32_768 / 32_776);
/** What the official client reaches, by its own pace. */
const OFFICIAL_UPLOAD = 0.56 * MB;
const UNPACED = { perSecond: 1e6, burst: 1e5 };
const UNLIMITED: Partial<FakeSsmOptions> = {
  agent: { messagesPerSecond: 20_000 },
  gateway: { maxPerSecond: Infinity },
};

const { events: megabytes } = readOptions({ events: 1000, rounds: 1 });
const report = new BenchReport('tunnel', 'loopback, agent at its own pace');

/** Sends as many bytes as it is asked for, in a line; takes everything else. */
function source(socket: Socket): void {
  socket.once('data', (line) => {
    let left = Number(line);
    const pour = (): void => {
      while (left > 0) {
        const size = Math.min(left, 65_536);
        left -= size;
        if (!socket.write(Buffer.alloc(size))) return void socket.once('drain', pour);
      }
    };
    pour();
  });
}

async function dial({ tunnel }: Stand): Promise<Socket> {
  const socket = connect({ port: tunnel.port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

async function download(stand: Stand, bytes: number): Promise<void> {
  const socket = await dial(stand);
  socket.write(String(bytes));
  let got = 0;
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got >= bytes) resolve();
    });
  });
  socket.destroy();
}

/** Until the target has it all. */
async function upload(stand: Stand, bytes: number, received: () => number): Promise<void> {
  const socket = await dial(stand);
  const goal = received() + bytes;
  for (let left = bytes; left > 0; left -= 65_536) {
    if (!socket.write(Buffer.alloc(Math.min(left, 65_536)))) {
      await new Promise((resolve) => socket.once('drain', resolve));
    }
  }
  while (received() < goal) await new Promise((resolve) => setTimeout(resolve, 2));
  socket.destroy();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** A tunnel for as long as `use` runs; ends with a word when the client did what it must not. */
async function withStand<T>(
  target: (socket: Socket) => void,
  ssm: Partial<FakeSsmOptions>,
  tunnel: Partial<TunnelOptions>,
  use: (stand: Stand) => Promise<T>,
): Promise<T> {
  const stand = await standUp({ target, ssm, tunnel });
  try {
    if (tunnel.sessions !== undefined) await stand.seen('session_opened', tunnel.sessions);
    return await use(stand);
  } finally {
    if (stand.ssm.violations.length > 0) report.say(`VIOLATIONS: ${stand.ssm.violations.join(', ')}`);
    await stand.close();
  }
}

async function benchDownloads(): Promise<void> {
  const bytes = 4 * MB;
  const alone = await withStand(source, {}, {}, (stand) => seconds(() => download(stand, bytes)));
  report.addRatio("download, of the agent's own pace", (100 * bytes) / alone / AGENT_BYTES_PER_SECOND, ' %', {
    atLeast: 98,
  });
  const four = await withStand(source, {}, { sessions: 4 }, (stand) =>
    seconds(() => Promise.all(Array.from({ length: 4 }, () => download(stand, bytes)))),
  );
  report.addRatio('download, four sessions', (4 * alone) / four, 'x', { atLeast: 3.5 });
}

async function benchUploads(): Promise<void> {
  for (const [maxPayloadBytes, bytes, target] of [
    [1024, 4 * MB, {}],
    [16_384, 60 * MB, { atLeast: 10 }],
  ] as const) {
    let received = 0;
    const take = (socket: Socket): void => void socket.on('data', (chunk) => (received += chunk.length));
    await withStand(take, {}, { maxPayloadBytes }, async (stand) => {
      const took = await seconds(() => upload(stand, bytes, () => received));
      const name = `upload, ${maxPayloadBytes} bytes a message`;
      report.addRatio(`${name}: of 0.56 MB/s`, bytes / took / OFFICIAL_UPLOAD, 'x', target);
      report.addRatio('  messages in the busiest second', stand.ssm.last.counts.busiestSecond, '', {
        atMost: 900,
      });
    });
  }
}

async function benchLatency(): Promise<void> {
  const echo = (socket: Socket): void => void socket.on('data', (chunk) => socket.write(chunk));
  await withStand(echo, {}, {}, async (stand) => {
    const socket = await dial(stand);
    const times: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      const startedAt = performance.now();
      socket.write('ping');
      await new Promise((resolve) => socket.once('data', resolve));
      times.push(performance.now() - startedAt);
      // As somebody types: not one after the other.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    report.addRatio('round trip, median', median(times), ' ms', { atMost: 2 });
    socket.destroy();
  });
}

async function benchStalledReader(): Promise<void> {
  const bytes = 80_000;
  await withStand(source, {}, {}, async (stand) => {
    const stalled = await dial(stand);
    stalled.on('error', () => undefined).pause();
    stalled.write(String(500 * MB));
    const took = await seconds(() => Promise.all(Array.from({ length: 49 }, () => download(stand, bytes))));
    report.addRatio(
      '49 streams beside a stalled one',
      (100 * 49 * bytes) / took / AGENT_BYTES_PER_SECOND,
      " % of the agent's pace",
      { atLeast: 95 },
    );
    stalled.destroy();
  });
}

async function benchMemory(): Promise<void> {
  let received = 0;
  const take = (socket: Socket): void => void socket.on('data', (chunk) => (received += chunk.length));
  const options = { maxPayloadBytes: 65_000, pace: UNPACED };
  await withStand(take, UNLIMITED, options, async (stand) => {
    const [first, growth] = await watchMemory((bytes) => upload(stand, bytes, () => received));
    report.say(`upload: ${first} MB resident after a tenth`);
    report.addRatio(`upload of ${megabytes} MB, memory more by`, growth, ' MB', { atMost: 40 });
  });
  await withStand(source, UNLIMITED, { pace: UNPACED }, async (stand) => {
    const [first, growth] = await watchMemory((bytes) => download(stand, bytes));
    report.say(`download: ${first} MB resident after a tenth`);
    report.addRatio(`download of ${megabytes} MB, memory more by`, growth, ' MB', { atMost: 40 });
  });
}

/** Resident memory after a tenth, and by how much the peak of the rest is above it. The fakes are in it too. */
async function watchMemory(work: (bytes: number) => Promise<void>): Promise<[number, number]> {
  const resident = (): number => process.memoryUsage().rss / MB;
  await work((megabytes / 10) * MB);
  const first = resident();
  let peak = first;
  const timer = setInterval(() => (peak = Math.max(peak, resident())), 20);
  for (let part = 1; part < 10; part += 1) await work((megabytes / 10) * MB);
  clearInterval(timer);
  return [Math.round(first), Math.max(0, peak - first)];
}

await benchDownloads();
await benchUploads();
await benchLatency();
await benchStalledReader();
await benchMemory();
report.finish();
