import * as codebuild from '@aws-sdk/client-codebuild';
import { setTimeout } from 'node:timers/promises';
import { SbwError } from '../../../errors.ts';
import type { BuiltBundle, HostBundle } from '../../../stacks/ports/deploy/host-bundle.ts';
import type { SdkSettings } from '../sdk.ts';
import { call } from '../teardown/call.ts';
import { openAssetStore } from './assets.ts';

const POLL_MS = 5000;

/** CodeBuild through the SDK; what a build made is named by an object beside its source. */
export function openHostBundle(settings: SdkSettings): HostBundle & { close(): void } {
  const builds = new codebuild.CodeBuildClient(settings);
  const store = openAssetStore(settings);
  const find = async (bucket: string, sourceKey: string): Promise<BuiltBundle | null> => {
    const text = await store.readText(bucket, `${sourceKey}.bundle.json`);
    return text === null ? null : (JSON.parse(text) as BuiltBundle);
  };
  return {
    find,
    build: async ({ projectName, bucket, sourceKey }, say, stop) => {
      const started = await call('codebuild:StartBuild', () =>
        builds.send(new codebuild.StartBuildCommand({ projectName })),
      );
      for (;;) {
        const { builds: found } = await call('codebuild:BatchGetBuilds', () =>
          builds.send(new codebuild.BatchGetBuildsCommand({ ids: [started.build!.id!] })),
        );
        const [build] = found ?? [];
        if (build?.buildComplete === true) break;
        say(build?.currentPhase?.toLowerCase() ?? 'queued');
        await setTimeout(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
        if (stop.aborted) throw new SbwError('DEPLOY_STOPPED', 'Stopped waiting.', { kind: 'cancelled' });
      }
      const built = await find(bucket, sourceKey);
      if (built !== null) return built;
      throw new SbwError('BUNDLE_BUILD_FAILED', `The build of ${projectName} made no bundle.`);
    },
    close: () => {
      builds.destroy();
      store.close();
    },
  };
}
