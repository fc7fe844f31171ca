import { setTimeout as pause } from 'node:timers/promises';
import { openCloudFormation } from '../../../src/adapters/aws/cloudformation.ts';
import { sdkSettings, type SdkSettings } from '../../../src/adapters/aws/sdk.ts';
import { openTeardownPorts } from '../../../src/adapters/aws/teardown/open.ts';
import { LAYER_NAMES, type LayerName } from '../../../src/stacks/catalog.ts';
import { type Stage, parseStage, parameterPath, stackNameOf, tagsOf } from '../../../src/stacks/stage.ts';
import { readTemplate } from '../../../src/stacks/deploy/template/read-template.ts';
import type { Clock, TeardownPorts } from '../../../src/stacks/teardown/ports.ts';
import { DEBIAN_IMAGE } from '../../fakes/aws/scripting/seed.ts';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../fakes/aws/fake-aws.ts';
import { templateOf } from '../deploy/stand.ts';

/** A fake account with a whole stage in it, and the real adapters that reach it. */
export interface Stand {
  readonly aws: FakeAws;
  readonly stage: Stage;
  readonly ports: TeardownPorts;
  /** The fake's clock: what we wait for takes as long as it does there. */
  readonly clock: Clock;
  readonly raw: string;
  readonly assets: string;
  close(): Promise<void>;
}

/** Real time hardly passes there: how busy this machine is decides about nothing. */
const MS_PER_MINUTE = 20_000;

/** What sleeps lets the fake's time pass instead: tests wait for nothing. */
export function clockOf(aws: FakeAws): Clock {
  return {
    now: () => aws.clock.now(),
    sleep: async (ms, signal) => {
      if (signal?.aborted !== true) aws.clock.advance(ms / 60_000);
      // Others have something to do as well.
      await pause(1);
    },
  };
}

export interface StandOptions extends FakeAwsOptions {
  readonly stageName?: string;
}

export function settingsFor(aws: FakeAws): SdkSettings {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAIOSFODNN7EXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'not-a-secret';
  return {
    ...sdkSettings({
      aws: { region: aws.region, profile: undefined, endpointUrl: aws.endpointUrl },
      userAgent: 'sbw/test',
    }),
    maxAttempts: 1,
  };
}

/** Real adapters on a fake account. */
export function portsOf(aws: FakeAws): TeardownPorts & { close(): void } {
  const settings = settingsFor(aws);
  const cloudFormation = openCloudFormation(settings);
  const others = openTeardownPorts(settings);
  return {
    ...others,
    cloudFormation,
    close: () => {
      others.close();
      cloudFormation.close();
    },
  };
}

export async function openStand({ stageName, ...options }: StandOptions = {}): Promise<Stand> {
  const aws = await startFakeAws({ msPerMinute: MS_PER_MINUTE, pageSize: 50, ...options });
  const stage = parseStage(stageName);
  const ports = portsOf(aws);
  const buckets = await deployStage(aws, stage).catch(async (error: unknown) => {
    ports.close();
    await aws.close();
    throw error;
  });
  return {
    ...{ aws, stage, ports, ...buckets },
    clock: clockOf(aws),
    close: async () => {
      ports.close();
      await aws.close();
    },
  };
}

/** Every layer as deploy makes it, with the real templates where they are there. */
export async function deployStage(aws: FakeAws, stage: Stage): Promise<{ raw: string; assets: string }> {
  const raw = `clickstream-s3-ingest${stage.suffix}-${aws.accountId}-${aws.region}`;
  const assets = `clickstream-s3-sbw${stage.suffix}-${aws.accountId}-${aws.region}`;
  for (const name of ['dwh/etl-password', 'webdb/password', 'dwh/ca-key']) {
    const id = `${parameterPath(stage)}${name}`;
    const arn = `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter${id}`;
    aws.seed.thing({
      ...{ type: 'AWS::SSM::Parameter', id, arn },
      properties: { Name: id, Type: 'SecureString', Value: 'secret' },
      attributes: { Value: 'secret', Version: 1 },
    });
  }
  const zone = `${aws.region}a`;
  const known: Record<string, string> = {
    ...{ Stage: stage.name, NameSuffix: stage.suffix, RawBucketName: raw, AssetsBucketName: assets },
    ...{ AvailabilityZone: zone, ImageId: DEBIAN_IMAGE, DwhHost: '10.0.131.112' },
    ...{
      CodeKey: 'code/x.zip',
      SourceKey: 'host/bundle-source-0123456789abcdef.zip',
      BundleKey: 'host/bundle.tar',
    },
    ...{ ProvisionKey: 'host/provision.zip', BundleSha256: 'a'.repeat(64), ProvisionSha256: 'b'.repeat(64) },
    ...{ AllowedOrigins: 'https://shop.example', ReservedConcurrency: '', AlarmEmail: '' },
  };
  const outputs = new Map<string, string>();
  for (const layer of LAYER_NAMES) {
    await deployLayer(aws, stage, layer, (name) => outputs.get(name) ?? known[name], outputs);
    if (layer === 'storage') {
      aws.seed.objects(assets, [
        'code/x.zip',
        'host/source.zip',
        'host/bundle.tar',
        'host/provision.zip',
        'images/shoe.png',
      ]);
    }
  }
  // Deploy does so after its smoke test.
  const rule = aws.world.things.find('AWS::Events::Rule', `SBW_ETL_HOURLY_RULE${stage.suffix}`)!;
  rule.properties = { ...rule.properties, State: 'ENABLED' };
  return { raw, assets };
}

/** Makes one stack and waits for it. */
export async function deployLayer(
  aws: FakeAws,
  stage: Stage,
  layer: LayerName,
  valueOf: (parameter: string) => string | undefined,
  outputs: Map<string, string> = new Map(),
): Promise<void> {
  const cloudFormation = openCloudFormation(settingsFor(aws));
  try {
    const body = templateOf(layer);
    const declared = [...readTemplate(layer, body).parameters.keys()];
    const parameters = Object.fromEntries(
      declared.flatMap((name) => {
        const value = valueOf(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const stackName = stackNameOf(stage, layer);
    const made = await cloudFormation.createChangeSet({
      ...{ stackName, changeSetName: `c-${layer}`, kind: 'CREATE', template: { body }, parameters },
      ...{ tags: tagsOf(stage, layer), capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'] },
    });
    await until(
      aws,
      async () => (await cloudFormation.describeChangeSet(made.id))?.executionStatus === 'AVAILABLE',
      layer,
    );
    await cloudFormation.executeChangeSet(made.id, 'deploy');
    await until(
      aws,
      async () => {
        const stack = await cloudFormation.describeStack(made.stackId);
        if (stack?.status === 'CREATE_COMPLETE') {
          for (const [name, value] of Object.entries(stack.outputs)) outputs.set(name, value);
          return true;
        }
        if (stack?.status !== 'CREATE_IN_PROGRESS' && stack?.status !== 'REVIEW_IN_PROGRESS') {
          const resources = await cloudFormation.listResources(made.stackId);
          const said = resources.filter(({ status }) => status.includes('FAILED'));
          throw new Error(`${layer}: ${stack?.status} ${JSON.stringify(said)}`);
        }
        return false;
      },
      layer,
    );
  } finally {
    cloudFormation.close();
  }
}

async function until(aws: FakeAws, isDone: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isDone()) return;
    aws.clock.advance(0.5);
  }
  throw new Error(`${what} takes too long`);
}
