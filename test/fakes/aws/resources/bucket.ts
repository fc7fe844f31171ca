import { BucketContent } from '../services/s3/bucket-content.ts';
import { AwsFault } from '../wire/fault.ts';
import { nested, optionalText, text } from '../world/properties.ts';
import type { World } from '../world/world.ts';
import { resourceType } from './resource-type.ts';

export const BUCKET = 'AWS::S3::Bucket';
export const BUCKET_POLICY = 'AWS::S3::BucketPolicy';

/** @throws AwsFault when the name is taken, here or by anybody */
export function requireFreeName(world: World, name: string): void {
  if (world.things.find(BUCKET, name) !== undefined) {
    throw new AwsFault(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
    );
  }
  if (world.takenBucketNames.has(name)) {
    throw new AwsFault(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      409,
    );
  }
}

export const bucket = resourceType({
  type: BUCKET,
  actions: { create: 's3:CreateBucket', update: 's3:PutBucketVersioning', delete: 's3:DeleteBucket' },
  minutes: { create: 0.4 },
  nameProperty: 'BucketName',
  create: (draft, world) => {
    const { properties } = draft;
    const id = optionalText(properties, 'BucketName') ?? draft.generatedName(63).toLowerCase();
    requireFreeName(world, id);
    const arn = `arn:aws:s3:::${id}`;
    world.buckets.set(id, new BucketContent(versioningOf(properties)));
    return world.add({
      type: BUCKET,
      id,
      arn,
      properties,
      tags: { ...draft.tags },
      attributes: {
        Arn: arn,
        DomainName: `${id}.s3.amazonaws.com`,
        RegionalDomainName: `${id}.s3.${world.region}.amazonaws.com`,
      },
    });
  },
  update: (thing, properties, world) => {
    thing.properties = properties;
    const content = world.buckets.get(thing.id);
    // Versioning can be suspended, never taken back.
    if (content !== undefined && (versioningOf(properties) === 'Enabled' || content.versioning !== 'off')) {
      content.versioning = versioningOf(properties) === 'Enabled' ? 'Enabled' : 'Suspended';
    }
  },
  remove: (thing, world) => {
    if (world.buckets.get(thing.id)?.isEmpty === false) throw notEmpty();
    world.buckets.delete(thing.id);
    const policy = world.things.find(BUCKET_POLICY, thing.id);
    if (policy !== undefined) world.things.remove(policy);
    world.things.remove(thing);
  },
});

export const notEmpty = (): AwsFault =>
  new AwsFault(
    'BucketNotEmpty',
    'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    409,
  );

function versioningOf(properties: Readonly<Record<string, unknown>>): 'off' | 'Enabled' | 'Suspended' {
  const status = text(nested(properties, 'VersioningConfiguration'), 'Status');
  return status === 'Enabled' || status === 'Suspended' ? status : 'off';
}

export const bucketPolicy = resourceType({
  type: BUCKET_POLICY,
  actions: { create: 's3:PutBucketPolicy', update: 's3:PutBucketPolicy', delete: 's3:DeleteBucketPolicy' },
  isTaggable: false,
  create: ({ properties }, world) => {
    const id = text(properties, 'Bucket');
    world.require(BUCKET, id, () => new AwsFault('NoSuchBucket', 'The specified bucket does not exist', 404));
    return world.add({ type: BUCKET_POLICY, id, arn: '', properties });
  },
});
