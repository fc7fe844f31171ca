import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { SbwError } from '../../../errors.ts';
import type { Region } from '../../../stacks/ports/deploy/region.ts';
import { isNotFound } from '../aws-errors.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, unlessGone } from '../call.ts';

const IMAGE_PARAMETER = '/aws/service/debian/release/13/latest/amd64';
/** The Debian project's own account. */
const IMAGE_OWNER = '136693071363';
const IMAGE_NAME = 'debian-13-amd64-*';

/** EC2, IAM, Lambda and S3, asked what there is. */
export function openRegion(settings: SdkSettings): Region & { account(): Promise<string>; close(): void } {
  const servers = new ec2.EC2Client(settings);
  const people = new iam.IAMClient(settings);
  const functions = new lambda.LambdaClient(settings);
  const buckets = new s3.S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  const parameters = new ssm.SSMClient(settings);
  const tokens = new sts.STSClient(settings);
  const clients = [servers, people, functions, buckets, parameters, tokens];
  const identity = () =>
    call('sts:GetCallerIdentity', () => tokens.send(new sts.GetCallerIdentityCommand({})));
  return {
    account: async () => (await identity()).Account!,
    caller: async () => (await identity()).Arn!,
    zones: () => listZones(servers),
    zonesWith: (instanceType) => listZonesWith(servers, instanceType),
    newestImage: () => findNewestImage(servers, parameters),
    hasImage: async (id) => {
      const images = await unlessGone('ec2:DescribeImages', null, () =>
        servers.send(new ec2.DescribeImagesCommand({ ImageIds: [id] })),
      );
      return (images?.Images ?? []).length > 0;
    },
    vpcCount: () => countVpcs(servers),
    addressCount: async () => {
      const { Addresses } = await call('ec2:DescribeAddresses', () =>
        servers.send(new ec2.DescribeAddressesCommand({})),
      );
      return (Addresses ?? []).length;
    },
    concurrency: async () => {
      const { AccountLimit } = await call('lambda:GetAccountSettings', () =>
        functions.send(new lambda.GetAccountSettingsCommand({})),
      );
      return {
        limit: AccountLimit?.ConcurrentExecutions ?? 0,
        unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
      };
    },
    deniedActions: async (actions) => listDenied(people, (await identity()).Arn!, actions),
    bucketName: (name) => judgeBucketName(buckets, name),
    close: () => {
      for (const client of clients) client.destroy();
    },
  };
}

async function listZones(servers: ec2.EC2Client): Promise<readonly string[]> {
  const { AvailabilityZones } = await call('ec2:DescribeAvailabilityZones', () =>
    servers.send(new ec2.DescribeAvailabilityZonesCommand({})),
  );
  return (AvailabilityZones ?? [])
    .filter(({ State, ZoneType }) => State === 'available' && ZoneType === 'availability-zone')
    .map(({ ZoneName }) => ZoneName!)
    .toSorted();
}

async function listZonesWith(servers: ec2.EC2Client, instanceType: string): Promise<readonly string[]> {
  const { InstanceTypeOfferings } = await call('ec2:DescribeInstanceTypeOfferings', () =>
    servers.send(
      new ec2.DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [instanceType] }],
      }),
    ),
  );
  return (InstanceTypeOfferings ?? []).map(({ Location }) => Location!).toSorted();
}

async function countVpcs(servers: ec2.EC2Client): Promise<number> {
  let count = 0;
  let NextToken: string | undefined;
  do {
    const page: ec2.DescribeVpcsCommandOutput = await call('ec2:DescribeVpcs', () =>
      servers.send(new ec2.DescribeVpcsCommand({ NextToken })),
    );
    count += (page.Vpcs ?? []).length;
    NextToken = page.NextToken || undefined;
  } while (NextToken !== undefined);
  return count;
}

/** Debian publishes the id as a public parameter; where that is missing, its images are asked. */
async function findNewestImage(servers: ec2.EC2Client, parameters: ssm.SSMClient): Promise<string> {
  const published = await unlessGone('ssm:GetParameter', null, () =>
    parameters.send(new ssm.GetParameterCommand({ Name: IMAGE_PARAMETER })),
  );
  if (published?.Parameter?.Value !== undefined) return published.Parameter.Value;
  const { Images } = await call('ec2:DescribeImages', () =>
    servers.send(
      new ec2.DescribeImagesCommand({
        Owners: [IMAGE_OWNER],
        Filters: [
          { Name: 'name', Values: [IMAGE_NAME] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    ),
  );
  const newest = (Images ?? []).toSorted((a, b) =>
    (a.CreationDate ?? '') < (b.CreationDate ?? '') ? 1 : -1,
  )[0];
  if (newest?.ImageId !== undefined) return newest.ImageId;
  throw new SbwError('IMAGE_NOT_FOUND', 'This region has no official Debian 13 image.', {
    kind: 'environment',
    fix: 'name an image of your own: --set image=ami-...',
  });
}

/** Null when IAM does not let the caller ask. */
async function listDenied(
  people: iam.IAMClient,
  caller: string,
  actions: readonly string[],
): Promise<readonly string[] | null> {
  try {
    const source = await principalOf(people, caller);
    if (source === null) return null;
    const denied: string[] = [];
    let Marker: string | undefined;
    do {
      const page: iam.SimulatePrincipalPolicyCommandOutput = await people.send(
        new iam.SimulatePrincipalPolicyCommand({
          PolicySourceArn: source,
          ActionNames: [...actions],
          Marker,
        }),
      );
      for (const { EvalActionName, EvalDecision } of page.EvaluationResults ?? []) {
        if (EvalDecision !== 'allowed') denied.push(EvalActionName!);
      }
      Marker = page.IsTruncated === true ? page.Marker : undefined;
    } while (Marker !== undefined);
    return denied;
  } catch {
    // Whoever may not ask learns it from the calls themselves; this look is a courtesy.
    return null;
  }
}

/** A session's ARN leaves out its role's path, so the role is asked. Null for root, which may do everything. */
async function principalOf(people: iam.IAMClient, caller: string): Promise<string | null> {
  const role = /:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  if (role === undefined) return caller.endsWith(':root') ? null : caller;
  const { Role } = await people.send(new iam.GetRoleCommand({ RoleName: role }));
  return Role?.Arn ?? null;
}

async function judgeBucketName(buckets: s3.S3Client, name: string): Promise<'free' | 'ours' | 'taken'> {
  return call('s3:ListBucket', async () => {
    try {
      await buckets.send(new s3.HeadBucketCommand({ Bucket: name }));
      return 'ours';
    } catch (error) {
      if (isNotFound(error)) return 'free';
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      // Elsewhere (301) or somebody else's (403): a HEAD has no body that would tell more.
      if (status === 403 || status === 301) return 'taken';
      throw error;
    }
  });
}
