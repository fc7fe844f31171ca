import type * as sdk from '@aws-sdk/client-s3';
import { BUCKET, BUCKET_POLICY, bucket as bucketType, requireFreeName } from '../../resources/bucket.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { items, nested, optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import { requireBucket } from './access.ts';
import { BucketContent } from './bucket-content.ts';

type In<Name extends keyof Inputs> = Inputs[Name] & { readonly Bucket: string };

interface Inputs {
  readonly PutBucketVersioning: sdk.PutBucketVersioningRequest;
  readonly PutBucketPolicy: sdk.PutBucketPolicyRequest;
  readonly PutBucketTagging: sdk.PutBucketTaggingRequest;
  readonly PutBucketLifecycleConfiguration: sdk.PutBucketLifecycleConfigurationRequest;
  readonly Any: object;
}

function thingOf(world: World, name: string, action: string | null): Thing {
  requireBucket(world, name, action);
  return world.things.find(BUCKET, name)!;
}

/** Of buckets as a whole. */
export const bucketActions = {
  ListBuckets(
    { ContinuationToken, Prefix = '' }: sdk.ListBucketsRequest,
    world: World,
  ): Partial<sdk.ListBucketsOutput> {
    const all = world.things.all(BUCKET).filter(({ id }) => id.startsWith(Prefix));
    const { items: page, token } = pageOf(all, ContinuationToken, world.settings.pageSize);
    return {
      Owner: { ID: world.accountId },
      Buckets: page.map(({ id, arn, createdAt }) => ({
        Name: id,
        BucketArn: arn,
        CreationDate: createdAt,
        BucketRegion: world.region,
      })),
      ...nextToken('ContinuationToken', token),
    };
  },

  HeadBucket({ Bucket }: In<'Any'>, world: World): sdk.HeadBucketOutput {
    if (world.takenBucketNames.has(Bucket)) throw new AwsFault('AccessDenied', 'Access Denied', 403);
    requireBucket(world, Bucket, null);
    return { BucketRegion: world.region };
  },

  CreateBucket({ Bucket }: In<'Any'>, world: World): sdk.CreateBucketOutput {
    requireFreeName(world, Bucket);
    world.buckets.set(Bucket, new BucketContent());
    world.add({
      type: BUCKET,
      id: Bucket,
      arn: `arn:aws:s3:::${Bucket}`,
      properties: { BucketName: Bucket },
    });
    return { Location: `/${Bucket}` };
  },

  DeleteBucket({ Bucket }: In<'Any'>, world: World): void {
    bucketType.remove(thingOf(world, Bucket, 's3:DeleteBucket'), world);
  },

  GetBucketLocation({ Bucket }: In<'Any'>, world: World): object {
    requireBucket(world, Bucket, 's3:GetBucketLocation');
    return { LocationConstraint: world.region };
  },

  GetBucketVersioning({ Bucket }: In<'Any'>, world: World): sdk.GetBucketVersioningOutput {
    const { versioning } = requireBucket(world, Bucket, 's3:GetBucketVersioning');
    return versioning === 'off' ? {} : { Status: versioning };
  },

  PutBucketVersioning({ Bucket, VersioningConfiguration }: In<'PutBucketVersioning'>, world: World): void {
    const content = requireBucket(world, Bucket, 's3:PutBucketVersioning');
    const status = VersioningConfiguration?.Status;
    if (status === undefined) throw new AwsFault('MalformedXML', 'Status is missing');
    content.versioning = status;
  },

  GetBucketPolicy({ Bucket }: In<'Any'>, world: World): sdk.GetBucketPolicyOutput {
    requireBucket(world, Bucket, 's3:GetBucketPolicy');
    const policy = world.things.find(BUCKET_POLICY, Bucket);
    if (policy === undefined)
      throw new AwsFault('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
    return { Policy: JSON.stringify(policy.properties['PolicyDocument']) };
  },

  PutBucketPolicy({ Bucket, Policy = '' }: In<'PutBucketPolicy'>, world: World): void {
    requireBucket(world, Bucket, 's3:PutBucketPolicy');
    const PolicyDocument = parsePolicy(Policy);
    const found = world.things.find(BUCKET_POLICY, Bucket);
    if (found === undefined) {
      world.add({ type: BUCKET_POLICY, id: Bucket, arn: '', properties: { Bucket, PolicyDocument } });
    } else {
      change(found, { PolicyDocument });
    }
  },

  DeleteBucketPolicy({ Bucket }: In<'Any'>, world: World): void {
    requireBucket(world, Bucket, null);
    const found = world.things.find(BUCKET_POLICY, Bucket);
    if (found !== undefined) world.things.remove(found);
  },

  GetBucketTagging({ Bucket }: In<'Any'>, world: World): sdk.GetBucketTaggingOutput {
    const { tags } = thingOf(world, Bucket, 's3:GetBucketTagging');
    if (Object.keys(tags).length === 0) throw new AwsFault('NoSuchTagSet', 'The TagSet does not exist', 404);
    return { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },

  PutBucketTagging({ Bucket, Tagging }: In<'PutBucketTagging'>, world: World): void {
    const given = Tagging?.TagSet ?? [];
    thingOf(world, Bucket, 's3:PutBucketTagging').tags = Object.fromEntries(
      given.map(({ Key, Value }) => [Key!, Value!]),
    );
  },

  GetBucketLifecycleConfiguration(
    { Bucket }: In<'Any'>,
    world: World,
  ): sdk.GetBucketLifecycleConfigurationOutput {
    const { properties } = thingOf(world, Bucket, 's3:GetLifecycleConfiguration');
    const rules = items(nested(properties, 'LifecycleConfiguration'), 'Rules');
    if (rules.length === 0) {
      throw new AwsFault('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
    }
    return {
      Rules: rules.map((rule) => ({
        ID: text(rule, 'Id'),
        Status: text(rule, 'Status') as sdk.ExpirationStatus,
        Filter: { Prefix: optionalText(rule, 'Prefix') ?? '' },
      })),
    };
  },

  PutBucketLifecycleConfiguration(
    { Bucket, LifecycleConfiguration }: In<'PutBucketLifecycleConfiguration'>,
    world: World,
  ): void {
    const Rules = (LifecycleConfiguration?.Rules ?? []).map(({ ID, ...rule }) => ({ Id: ID, ...rule }));
    change(thingOf(world, Bucket, 's3:PutLifecycleConfiguration'), { LifecycleConfiguration: { Rules } });
  },
};

function parsePolicy(text_: string): unknown {
  try {
    return JSON.parse(text_);
  } catch {
    throw new AwsFault('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'");
  }
}
