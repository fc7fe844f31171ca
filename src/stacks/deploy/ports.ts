import type { CloudFormation } from '../ports/cloudformation.ts';
import type { AssetStore, PackageFiles } from '../ports/deploy/assets.ts';
import type { HostBundle } from '../ports/deploy/host-bundle.ts';
import type { Parameters } from '../ports/deploy/parameters.ts';
import type { Pipeline, Servers } from '../ports/deploy/pipeline.ts';
import type { Region } from '../ports/deploy/region.ts';
import type { RunRecords } from '../ports/deploy/run-records.ts';
import type { EarlyValidation } from '../ports/deploy/validation.ts';

/** Everything that deploy touches. */
export interface DeployPorts {
  readonly cloudFormation: CloudFormation;
  readonly earlyValidation: EarlyValidation;
  readonly region: Region;
  readonly parameters: Parameters;
  readonly packageFiles: PackageFiles;
  readonly assetStore: AssetStore;
  readonly hostBundle: HostBundle;
  readonly pipeline: Pipeline;
  readonly servers: Servers;
  readonly runRecords: RunRecords;
}

/** Where the stage lives. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
