import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../../config.ts';
import type { Platform, PlatformOptions } from '../../stacks/ports/platform.ts';
import { openPgDump } from '../backup/pg-dump.ts';
import { openPackageFiles } from '../files/package-files.ts';
import { openRunRecords } from '../files/run-records.ts';
import { openCloudFormation } from './cloudformation.ts';
import { openAssetStore } from './deploy/assets.ts';
import { openHostBundle } from './deploy/host-bundle.ts';
import { openParameters } from './deploy/parameters.ts';
import { openPipeline } from './deploy/pipeline.ts';
import { openRegion } from './deploy/region.ts';
import { openServers } from './deploy/servers.ts';
import { openEarlyValidation } from './deploy/validation.ts';
import { awsConfig, sdkSettings } from './sdk.ts';
import { openHealth } from './status/health.ts';
import { openTeardownPorts } from './teardown/open.ts';

/** Every port on one account and region. Nothing is asked before the first use. @throws SbwError AWS_REGION_MISSING */
export function openPlatform(config: Config, options: PlatformOptions = {}): Platform {
  const aws = awsConfig(config, options);
  const userAgent = `sbw/${packageJson.version}`;
  const settings = sdkSettings({ aws, userAgent, patienceMs: options.patienceMs });
  const region = openRegion(settings);
  const ports = {
    cloudFormation: openCloudFormation(settings),
    earlyValidation: openEarlyValidation(settings),
    region,
    parameters: openParameters(settings),
    assetStore: openAssetStore(settings),
    hostBundle: openHostBundle(settings),
    pipeline: openPipeline(settings),
    servers: openServers(settings),
    health: openHealth(settings),
  };
  const teardown = openTeardownPorts(settings);
  return {
    ...teardown,
    ...ports,
    packageFiles: openPackageFiles(),
    runRecords: openRunRecords(config.cwd),
    databaseDump: openPgDump(config.childEnvironment),
    place: async () => ({ account: await region.account(), region: settings.region }),
    close: () => {
      teardown.close();
      for (const port of Object.values(ports)) port.close();
    },
  };
}
