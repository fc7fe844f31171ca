import * as codebuild from '@aws-sdk/client-codebuild';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout } from 'node:timers/promises';
import { SbwError } from '../../../errors.ts';
import type { BuiltBundle, HostBundle } from '../../../stacks/ports/deploy/host-bundle.ts';
import type { SdkSettings } from '../sdk.ts';
import { call } from '../call.ts';
import { openAssetStore } from './assets.ts';

const POLL_MS = 5000;
const LOG_LINES = 20;
/** More never run at once. */
const NEWEST_BUILDS = 10;

/**
 * CodeBuild through the SDK; what a build made is named by an object beside its source.
 *
 * @param pollMs between two looks at a build
 */
export function openHostBundle(settings: SdkSettings, pollMs = POLL_MS): HostBundle & { close(): void } {
  const builds = new codebuild.CodeBuildClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  const store = openAssetStore(settings);
  const find = async (bucket: string, sourceKey: string): Promise<BuiltBundle | null> => {
    const text = await store.readText(bucket, `${sourceKey}.bundle.json`);
    return text === null ? null : parseBundle(text);
  };
  return {
    find,
    build: async ({ projectName, bucket, sourceKey }, say, stop) => {
      const id =
        (await findRunning(builds, projectName, `${bucket}/${sourceKey}`)) ??
        (await start(builds, projectName));
      for (;;) {
        const build = await describe(builds, id);
        if (build.buildComplete === true) {
          // What an earlier build made stays when a later one fails.
          const built = build.buildStatus === 'SUCCEEDED' ? await find(bucket, sourceKey) : null;
          if (built !== null) return built;
          throw await failureOf(logs, build, projectName);
        }
        say(build.currentPhase?.toLowerCase() ?? 'queued');
        await setTimeout(pollMs, undefined, { signal: stop }).catch(() => undefined);
        if (stop.aborted) throw new SbwError('DEPLOY_STOPPED', 'Stopped waiting.', { kind: 'cancelled' });
      }
    },
    close: () => {
      builds.destroy();
      logs.destroy();
      store.close();
    },
  };
}

/** Null when it cannot be read, as of a build that was cut off: then the bundle is built anew. */
function parseBundle(text: string): BuiltBundle | null {
  try {
    const { key, sha256 } = JSON.parse(text) as Partial<BuiltBundle>;
    return typeof key === 'string' && typeof sha256 === 'string' ? { key, sha256 } : null;
  } catch {
    return null;
  }
}

/**
 * One that a deploy began which was interrupted; the newest builds are listed first. One of another source would not
 * give what is wanted.
 */
async function findRunning(
  builds: codebuild.CodeBuildClient,
  projectName: string,
  location: string,
): Promise<string | null> {
  const { ids = [] } = await call('codebuild:ListBuildsForProject', () =>
    builds.send(new codebuild.ListBuildsForProjectCommand({ projectName, sortOrder: 'DESCENDING' })),
  );
  if (ids.length === 0) return null;
  const { builds: found = [] } = await call('codebuild:BatchGetBuilds', () =>
    builds.send(new codebuild.BatchGetBuildsCommand({ ids: ids.slice(0, NEWEST_BUILDS) })),
  );
  const running = found.find((build) => build.buildComplete !== true && build.source?.location === location);
  return running?.id ?? null;
}

async function start(builds: codebuild.CodeBuildClient, projectName: string): Promise<string> {
  const { build } = await call('codebuild:StartBuild', () =>
    builds.send(new codebuild.StartBuildCommand({ projectName })),
  );
  return build!.id!;
}

async function describe(builds: codebuild.CodeBuildClient, id: string): Promise<codebuild.Build> {
  const { builds: found } = await call('codebuild:BatchGetBuilds', () =>
    builds.send(new codebuild.BatchGetBuildsCommand({ ids: [id] })),
  );
  return found![0]!;
}

/** The log may be unreadable for want of a permission: said beside the failure, not instead of it. */
async function failureOf(
  logs: CloudWatchLogsClient,
  { logs: place, buildStatus }: codebuild.Build,
  projectName: string,
): Promise<SbwError> {
  const tail = await readTail(logs, place).catch(
    (error: Error) => `its log cannot be read: ${error.message}`,
  );
  return new SbwError(
    'BUNDLE_BUILD_FAILED',
    `The build of ${projectName} ended ${buildStatus ?? 'badly'} without a bundle. ${tail}`.trim(),
    { fix: 'run the same command again: it builds once more' },
  );
}

async function readTail(
  logs: CloudWatchLogsClient,
  place: codebuild.LogsLocation | undefined,
): Promise<string> {
  if (place?.groupName === undefined || place.streamName === undefined) return '';
  const { groupName: logGroupName, streamName: logStreamName } = place;
  const { events = [] } = await call('logs:GetLogEvents', () =>
    logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, limit: LOG_LINES, startFromHead: false }),
    ),
  );
  return events
    .map(({ message = '' }) => message.trim())
    .filter((line) => line !== '')
    .join('\n');
}
