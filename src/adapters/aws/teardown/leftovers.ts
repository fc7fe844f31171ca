import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ssm from '@aws-sdk/client-ssm';
import type { Leftover, LeftoverScope, LeftoverSource } from '../../../stacks/ports/leftovers.ts';
import { STAGE_TAG } from '../../../stacks/stage.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, tagsFrom, unlessGone } from '../call.ts';

/** Log groups, snapshots and parameters: what stacks leave behind or never knew. */
export function openLeftovers(settings: SdkSettings): {
  readonly sources: readonly LeftoverSource[];
  close(): void;
} {
  const logClient = new logs.CloudWatchLogsClient(settings);
  const ec2Client = new ec2.EC2Client(settings);
  const ssmClient = new ssm.SSMClient(settings);
  return {
    sources: [
      {
        kind: 'log-group',
        find: (scope) => findLogGroups(logClient, scope),
        remove: (id) =>
          unlessGone('logs:DeleteLogGroup', undefined, async () => {
            await logClient.send(new logs.DeleteLogGroupCommand({ logGroupName: id }));
          }),
      },
      {
        kind: 'snapshot',
        find: (scope) => findSnapshots(ec2Client, scope),
        remove: (id) =>
          unlessGone('ec2:DeleteSnapshot', undefined, async () => {
            await ec2Client.send(new ec2.DeleteSnapshotCommand({ SnapshotId: id }));
          }),
      },
      {
        kind: 'parameter',
        find: (scope) => findParameters(ssmClient, scope),
        remove: (id) =>
          unlessGone('ssm:DeleteParameter', undefined, async () => {
            await ssmClient.send(new ssm.DeleteParameterCommand({ Name: id }));
          }),
      },
    ],
    close: () => {
      for (const client of [logClient, ec2Client, ssmClient]) client.destroy();
    },
  };
}

/** Services make them by themselves when nobody else did, outside of every stack. */
async function findLogGroups(
  client: logs.CloudWatchLogsClient,
  { logGroups }: LeftoverScope,
): Promise<Leftover[]> {
  const found = await Promise.all(
    logGroups.map((wanted) =>
      call('logs:DescribeLogGroups', async () => {
        const pages = pagesOf(async (nextToken) => {
          const page = await client.send(
            new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: wanted, nextToken }),
          );
          return { groups: page.logGroups ?? [], NextToken: page.nextToken };
        });
        for await (const { groups } of pages) {
          const group = groups.find(({ logGroupName }) => logGroupName === wanted);
          if (group !== undefined) return leftoverOf(wanted, group);
        }
        return [];
      }),
    ),
  );
  return found.flat();
}

function leftoverOf(id: string, { storedBytes, creationTime }: logs.LogGroup): Leftover[] {
  const createdAt = creationTime === undefined ? null : new Date(creationTime);
  return [{ kind: 'log-group', id, gigabytes: (storedBytes ?? 0) / 1e9, createdAt, source: '' }];
}

/** By our volumes, and by the stage's tag: the daily ones carry it. */
async function findSnapshots(
  client: ec2.EC2Client,
  { stage, volumeIds }: LeftoverScope,
): Promise<Leftover[]> {
  const wanted: ec2.Filter[] = [
    ...(volumeIds.length === 0 ? [] : [{ Name: 'volume-id', Values: [...volumeIds] }]),
    ...(stage === '' ? [] : [{ Name: `tag:${STAGE_TAG}`, Values: [stage] }]),
  ];
  const found = new Map<string, Leftover>();
  for (const filter of wanted) {
    const pages = pagesOf((NextToken) =>
      call('ec2:DescribeSnapshots', () =>
        client.send(new ec2.DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [filter], NextToken })),
      ),
    );
    for await (const { Snapshots } of pages) {
      for (const one of Snapshots ?? []) {
        // The volume of a copied snapshot is a placeholder, and its tags may be copied as well: still ours by tag.
        const isOurs = tagsFrom(one.Tags)[STAGE_TAG] === stage || volumeIds.includes(one.VolumeId ?? '');
        if (isOurs) found.set(one.SnapshotId!, snapshotOf(one));
      }
    }
  }
  return [...found.values()];
}

function snapshotOf({ SnapshotId, VolumeSize, StartTime, VolumeId }: ec2.Snapshot): Leftover {
  return {
    kind: 'snapshot',
    id: SnapshotId!,
    gigabytes: VolumeSize ?? 0,
    createdAt: StartTime ?? null,
    source: VolumeId ?? '',
  };
}

/** Names only: the values are secrets, and nobody here needs them. */
async function findParameters(client: ssm.SSMClient, { parameterPath }: LeftoverScope): Promise<Leftover[]> {
  if (parameterPath === '') return [];
  const found: Leftover[] = [];
  const pages = pagesOf((NextToken) =>
    call('ssm:DescribeParameters', () =>
      client.send(
        new ssm.DescribeParametersCommand({
          ParameterFilters: [
            { Key: 'Path', Option: 'Recursive', Values: [parameterPath.replace(/\/$/, '')] },
          ],
          NextToken,
        }),
      ),
    ),
  );
  for await (const { Parameters } of pages) {
    for (const { Name, LastModifiedDate } of Parameters ?? []) {
      const createdAt = LastModifiedDate ?? null;
      found.push({ kind: 'parameter', id: Name!, gigabytes: 0, createdAt, source: '' });
    }
  }
  return found;
}
