import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlatform } from '../../../src/adapters/aws/platform.ts';
import { readConfig } from '../../../src/config.ts';
import { LAYER_NAMES } from '../../../src/stacks/catalog.ts';
import { type ApplyWorld, type DeployReport, applyPlan } from '../../../src/stacks/deploy/apply/apply.ts';
import type { DeployEvent } from '../../../src/stacks/deploy/apply/event.ts';
import { type DeployRequest } from '../../../src/stacks/deploy/plan/draft.ts';
import type { Facts } from '../../../src/stacks/deploy/plan/facts.ts';
import { gather } from '../../../src/stacks/deploy/plan/gather.ts';
import { makePlan } from '../../../src/stacks/deploy/plan/make-plan.ts';
import type { DeployPlan } from '../../../src/stacks/deploy/plan/plan.ts';
import { previewChanges } from '../../../src/stacks/deploy/plan/preview.ts';
import type { Clock } from '../../../src/stacks/deploy/ports.ts';
import type { PackageFiles } from '../../../src/stacks/ports/deploy/assets.ts';
import type { Platform } from '../../../src/stacks/ports/platform.ts';
import { readSettings } from '../../../src/stacks/settings.ts';
import { parseStage } from '../../../src/stacks/stage.ts';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../fakes/aws/fake-aws.ts';

interface Planned {
  readonly facts: Facts;
  readonly plan: DeployPlan;
}

/** A fake account, the real adapters on it, and a platform inside whose parts answer as the real ones would. */
export interface Stand {
  readonly aws: FakeAws;
  readonly ports: Platform;
  readonly clock: Clock;
  /** What the package brings along; tests change it to have something to deploy. */
  readonly files: Map<string, string>;
  readonly events: DeployEvent[];
  readonly folder: string;
  request(settings?: Record<string, unknown>, more?: Partial<DeployRequest>): DeployRequest;
  look(request?: DeployRequest): Promise<Planned>;
  apply(request: DeployRequest, planned: Planned, world?: Partial<ApplyWorld>): Promise<DeployReport>;
  /** From looking to the end. */
  deploy(request?: DeployRequest, world?: Partial<ApplyWorld>): Promise<DeployReport>;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;

export function templateOf(layer: string): string {
  return readFileSync(`src/templates/${layer}.yaml`, 'utf8');
}

/** What sleeps lets the fake's time pass instead: tests wait for nothing. */
export function clockOf(aws: FakeAws): Clock {
  return {
    now: () => aws.clock.now(),
    sleep: async (ms) => {
      aws.clock.advance(ms / 60_000);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export interface StandOptions extends FakeAwsOptions {
  /** The adapters' calls end after this, and are tried once more at most. */
  readonly patienceMs?: number;
}

export async function openStand({ patienceMs, ...options }: StandOptions = {}): Promise<Stand> {
  const aws = await startFakeAws({ msPerMinute: 20_000, pageSize: 50, ...options });
  const folder = mkdtempSync(join(tmpdir(), 'sbw-deploy-'));
  // The SDK's own chain reads the process; nothing else of ours does.
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAIOSFODNN7EXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'not-a-secret';
  const config = readConfig({ AWS_REGION: aws.region, AWS_ENDPOINT_URL: aws.endpointUrl }, folder);
  const files = new Map<string, string>([
    ...LAYER_NAMES.map((layer) => [`template/${layer}`, templateOf(layer)] as const),
    ...['ingest', 'etl', 'provision', 'bundle-source'].map((name) => [`asset/${name}`, `${name} 1`] as const),
  ]);
  const patience = patienceMs === undefined ? {} : { patienceMs };
  const ports = withInsides(aws, openPlatform(config, patience), files);
  const clock = clockOf(aws);
  const events: DeployEvent[] = [];
  let runs = 0;
  const request: Stand['request'] = (settings = {}, more = {}) => ({
    ...{ stage: parseStage(), settings: readSettings(settings), layers: LAYER_NAMES },
    ...more,
  });
  const look: Stand['look'] = async (wanted = request()) => {
    const facts = await gather(ports, wanted, await ports.place());
    const world = { ...ports, clock, leave: NEVER };
    runs += 1;
    const previews = await previewChanges(world, wanted, facts, `preview-${runs}`);
    return { facts, plan: makePlan(wanted, facts, previews, { madeAt: clock.now(), isTested: true }) };
  };
  const apply: Stand['apply'] = async (wanted, { facts, plan }, world = {}) => {
    runs += 1;
    const fixed = {
      ports,
      clock,
      stop: NEVER,
      leave: NEVER,
      token: `run-${runs}`,
      newId: () => `id-${runs}`,
    };
    return applyPlan({ ...fixed, emit: (event) => void events.push(event), ...world }, wanted, facts, plan);
  };
  return {
    ...{ aws, ports, clock, files, events, folder, request, look, apply },
    deploy: async (wanted = request(), world = {}) => apply(wanted, await look(wanted), world),
    close: async () => {
      ports.close();
      await aws.close();
    },
  };
}

/** The parts of a platform that no fake of AWS runs: the door, the ETL, the server's programs, the bundle build. */
function withInsides(aws: FakeAws, platform: Platform, files: ReadonlyMap<string, string>): Platform {
  const rows = new Set<string>();
  const packageFiles: PackageFiles = {
    template: async (layer) => files.get(`template/${layer}`) ?? '',
    asset: async (name) => Buffer.from(files.get(`asset/${name}`) ?? ''),
  };
  const rawBucket = (): string => [...aws.world.buckets.keys()].find((name) => name.includes('ingest')) ?? '';
  aws.onInvoke((name) => {
    if (!name.startsWith('SBW_Lamda_ETL')) return { payload: null };
    const bucket = aws.world.buckets.get(rawBucket());
    const bodies = bucket?.keys().map((key) => bucket.current(key)?.body.toString() ?? '') ?? [];
    for (const body of bodies) rows.add((JSON.parse(body) as { eventId: string }).eventId);
    return { payload: { events: { loaded: bodies.length }, balanced: true } };
  });
  aws.onCommand((_id, [line = '']) => {
    // The server says what it has taken.
    const hashes = /sbw-host update (\S+ \S+)/.exec(line)?.[1];
    if (hashes !== undefined) {
      return { stdout: `sbw: ready\nrelease ${hashes}\n`, stderr: '', exitCode: 0, minutes: 0.01 };
    }
    const id = /event_id = '([^']+)'/.exec(line)?.[1];
    const isThere = id !== undefined && rows.has(id);
    if (isThere && line.includes('DELETE')) rows.delete(id);
    const stdout = id === undefined ? '200\n' : isThere ? `${id}\n` : '';
    return { stdout, stderr: '', exitCode: 0, minutes: 0.01 };
  });
  const bundles = new Map<string, { key: string; sha256: string }>();
  return {
    ...platform,
    packageFiles,
    hostBundle: {
      find: async (_bucket, sourceKey) => bundles.get(sourceKey) ?? null,
      build: async ({ sourceKey }) => {
        const sha256 = Buffer.from(sourceKey).toString('hex').slice(0, 64);
        const built = { key: `host/bundle-${sha256}.tar`, sha256 };
        bundles.set(sourceKey, built);
        return built;
      },
    },
    pipeline: {
      ...platform.pipeline,
      send: async (_url, body) => {
        const hour = aws.clock.now().toISOString().slice(0, 13).replace('T', '/').replaceAll('-', '/');
        aws.seed.objects(rawBucket(), [`events/${hour}/event-1.json`], { body });
        return { status: 200, text: '{"accepted":1}' };
      },
    },
  };
}
