import { BUCKET } from '../resources/bucket.ts';
import { BucketContent } from '../services/s3/bucket-content.ts';
import { publish } from '../services/account/ssm.ts';
import { hexId } from '../world/ids.ts';
import type { Properties } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';

/** The newest Debian 13 image of the fake's region. */
export const DEBIAN_IMAGE = 'ami-0debian13amd64000';
export const DEBIAN_OWNER = '136693071363';

export interface Seed {
  /** What every account has: a default VPC with a subnet, AWS's images and parameters. Is there already. */
  defaults(): void;
  /** A bucket that somebody else in the world has. */
  takeBucketName(name: string): void;
  bucket(name: string, options?: { versioned?: boolean; tags?: Record<string, string> }): BucketContent;
  /** Objects, overwritten so often, in a bucket that exists. @returns their number with all versions */
  objects(
    bucketName: string,
    keys: readonly string[],
    options?: { body?: string; versions?: number },
  ): number;
  /** Anything else, as the service would have it: see the resource types for what they look at. */
  thing(thing: Pick<Thing, 'type' | 'id'> & Partial<Thing>): Thing;
  /** Somebody deletes a thing by hand. @returns whether it was there */
  vanish(type: string, id: string): boolean;
}

export function seedOf(world: World): Seed {
  return {
    defaults: () => addDefaults(world),
    takeBucketName: (name) => void world.takenBucketNames.add(name),
    bucket: (name, { versioned = false, tags = {} } = {}) => {
      const content = new BucketContent(versioned ? 'Enabled' : 'off');
      world.buckets.set(name, content);
      world.add({
        type: BUCKET,
        id: name,
        arn: `arn:aws:s3:::${name}`,
        properties: { BucketName: name },
        tags,
      });
      return content;
    },
    objects: (bucketName, keys, { body = '{}', versions = 1 } = {}) => {
      const content = world.buckets.get(bucketName);
      if (content === undefined) throw new Error(`No bucket ${bucketName}`);
      for (const key of keys) {
        for (let version = 0; version < versions; version++) {
          content.put({ key, body: Buffer.from(body), modifiedAt: world.clock.now() });
        }
      }
      return keys.length * versions;
    },
    thing: (thing) => world.add({ arn: '', properties: {}, ...thing }),
    vanish: (type, id) => {
      const found = world.things.find(type, id);
      if (found !== undefined) world.things.remove(found);
      if (type === BUCKET) world.buckets.delete(id);
      return found !== undefined;
    },
  };
}

function addDefaults(world: World): void {
  const add = (type: string, id: string, properties: Properties, attributes: Properties = {}): Thing =>
    world.add({
      type,
      id,
      arn: world.arn('ec2', `${type.split('::')[2]!.toLowerCase()}/${id}`),
      properties,
      attributes,
      isImplicit: true,
    });
  const vpc = add('AWS::EC2::VPC', hexId('vpc'), { CidrBlock: '172.31.0.0/16', IsDefault: true });
  const AvailabilityZone = `${world.region}${world.settings.zones[0]!}`;
  add(
    'AWS::EC2::Subnet',
    hexId('subnet'),
    { VpcId: vpc.id, CidrBlock: '172.31.0.0/20' },
    { AvailabilityZone },
  );
  add('AWS::EC2::SecurityGroup', hexId('sg'), { VpcId: vpc.id, GroupName: 'default' });
  add('AWS::EC2::RouteTable', hexId('rtb'), { VpcId: vpc.id, IsMain: true });
  add('AWS::EC2::Image', DEBIAN_IMAGE, {
    Name: 'debian-13-amd64-20261101-2285',
    OwnerId: DEBIAN_OWNER,
    Architecture: 'x86_64',
  });
  add('AWS::EC2::Image', 'ami-0debian13arm64000', {
    Name: 'debian-13-arm64-20261101-2285',
    OwnerId: DEBIAN_OWNER,
    Architecture: 'arm64',
  });
  publish(world, '/aws/service/debian/release/13/latest/amd64', DEBIAN_IMAGE);
  publish(world, '/aws/service/debian/release/13/latest/arm64', 'ami-0debian13arm64000');
}
