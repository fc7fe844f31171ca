import { BUCKET, BUCKET_POLICY } from '../../resources/bucket.ts';
import { AwsFault } from '../../wire/fault.ts';
import { items, nested } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import type { BucketContent } from './bucket-content.ts';

/**
 * The bucket, if its policy lets the action through: a Deny without conditions stops everybody, the account's owner
 * included. Only the policy itself can always be deleted.
 * @param action `s3:PutObject`; null for what asks no policy
 * @throws AwsFault NoSuchBucket, AccessDenied
 */
export function requireBucket(world: World, name: string, action: string | null): BucketContent {
  const content = world.buckets.get(name);
  if (content === undefined || world.things.find(BUCKET, name) === undefined) {
    throw new AwsFault('NoSuchBucket', 'The specified bucket does not exist', 404);
  }
  if (action !== null && isDenied(world, name, action)) {
    throw new AwsFault(
      'AccessDenied',
      `User: ${world.arn('iam', 'user/operator', '')} is not authorized to perform: ${action} on resource: "arn:aws:s3:::${name}" with an explicit deny in a resource-based policy`,
      403,
    );
  }
  return content;
}

export function isDenied(world: World, bucketName: string, action: string): boolean {
  const policy = world.things.find(BUCKET_POLICY, bucketName);
  if (policy === undefined) return false;
  return items(nested(policy.properties, 'PolicyDocument'), 'Statement').some((statement) => {
    if (statement['Effect'] !== 'Deny' || statement['Condition'] !== undefined) return false;
    const actions = [statement['Action']].flat() as string[];
    return actions.some(
      (one) => one === action || (one.endsWith('*') && action.startsWith(one.slice(0, -1))),
    );
  });
}
