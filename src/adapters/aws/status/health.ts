import type { Health } from '../../../stacks/ports/health.ts';
import type { SdkSettings } from '../sdk.ts';
import { openFunctionHealth } from './functions.ts';
import { openServerHealth } from './servers.ts';
import { openSignalHealth } from './signals.ts';

/** How a running stage is, through the SDK. Nothing is asked before the first use. */
export function openHealth(settings: SdkSettings): Health & { close(): void } {
  const parts = [
    openServerHealth(settings),
    openFunctionHealth(settings),
    openSignalHealth(settings),
  ] as const;
  return {
    ...parts[0],
    ...parts[1],
    ...parts[2],
    close: () => {
      for (const part of parts) part.close();
    },
  };
}
