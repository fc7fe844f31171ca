import type { DeployPorts } from '../deploy/ports.ts';
import type { TeardownPlatform } from '../teardown/ports.ts';
import type { CloudFormation } from './cloudformation.ts';
import type { Health } from './health.ts';

/** An account and a region, with every port that a command on stacks may need. Opened by adapters/aws/platform.ts. */
export interface Platform
  extends Omit<DeployPorts, 'cloudFormation'>, Omit<TeardownPlatform, 'cloudFormation'> {
  readonly cloudFormation: CloudFormation;
  readonly health: Health;
}

/** Flags that lead elsewhere than the environment says. */
export interface PlatformOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** For looks that must not take long: a call to AWS ends after this. Default: half a minute, with retries. */
  readonly patienceMs?: number | undefined;
}
