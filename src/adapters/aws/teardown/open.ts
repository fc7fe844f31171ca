import type { TeardownPorts } from '../../../stacks/teardown/ports.ts';
import type { SdkSettings } from '../sdk.ts';
import { openBuckets } from './buckets.ts';
import { openExistence } from './existence.ts';
import { openLeftovers } from './leftovers.ts';
import { openNetworks } from './networks.ts';
import { openProtection } from './protection.ts';
import { openStackHistory } from './stack-history.ts';
import { openTaggedResources } from './tagged-resources.ts';
import { openWriters } from './writers.ts';

/** All that teardown needs beside CloudFormation. Nothing is asked before the first use. */
export function openTeardownPorts(
  settings: SdkSettings,
): Omit<TeardownPorts, 'cloudFormation'> & { close(): void } {
  const leftovers = openLeftovers(settings);
  const ports = {
    stackHistory: openStackHistory(settings),
    writers: openWriters(settings),
    buckets: openBuckets(settings),
    networks: openNetworks(settings),
    taggedResources: openTaggedResources(settings),
    existence: openExistence(settings),
    protection: openProtection(settings),
  };
  return {
    ...ports,
    leftovers: leftovers.sources,
    close: () => {
      leftovers.close();
      for (const port of Object.values(ports)) port.close();
    },
  };
}
