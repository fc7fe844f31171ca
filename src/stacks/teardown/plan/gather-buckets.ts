import type { BucketDescription, Buckets } from '../../ports/buckets.ts';
import { STAGE_TAG, type Stage } from '../../stage.ts';
import type { TeardownPorts } from '../ports.ts';
import { idIn } from './inventory.ts';
import type { BucketContent, BucketFact, BucketRole, StackFact } from './inventory.ts';
import type { Look } from './look.ts';

/** Enough to say "a lot": beyond it counting would take longer than the operator waits. */
const COUNTED_VERSIONS = 200_000;

const EMPTY: BucketContent = { objects: 0, versions: 0, bytes: 0, oldestAt: null, isCut: false };

/** The stage's buckets: those its storage stack names, and those it left behind with the stage's tag on them. */
export async function findBuckets(
  { buckets, taggedResources }: TeardownPorts,
  stage: Stage,
  stacks: readonly StackFact[],
  look: Look,
): Promise<BucketFact[]> {
  const named: Readonly<Record<BucketRole, string | null>> = {
    raw: idIn(stacks, 'storage', 'RawBucket'),
    assets: idIn(stacks, 'storage', 'AssetsBucket'),
  };
  const tagged = await look('tagged buckets', taggedResources.find(STAGE_TAG, stage.name), []);
  const orphans = tagged.flatMap(({ arn }) => /^arn:[^:]+:s3:::([^/]+)$/.exec(arn)?.[1] ?? []);
  const names = new Set([...Object.values(named), ...orphans].filter((name) => name !== null));
  const found = await Promise.all(
    [...names].toSorted().map(async (name): Promise<BucketFact | null> => {
      const bucket = await look(`bucket ${name}`, buckets.describeBucket(name), null);
      if (bucket === null) return null;
      const role = roleOf(bucket, named);
      // The listing of tags may be old, and somebody else may have taken the name since.
      if (role === null || (!isNamed(name, named) && bucket.tags[STAGE_TAG] !== stage.name)) return null;
      const content = await look(`content of ${name}`, measureContent(buckets, name), EMPTY);
      return { name, role, isWriteDenied: bucket.isWriteDenied, content };
    }),
  );
  return found.filter((one) => one !== null);
}

function isNamed(name: string, named: Readonly<Record<BucketRole, string | null>>): boolean {
  return name === named.raw || name === named.assets;
}

/** By the stack, else by the Name tag that the template gives. */
function roleOf(
  { name, tags }: BucketDescription,
  named: Readonly<Record<BucketRole, string | null>>,
): BucketRole | null {
  if (name === named.raw) return 'raw';
  if (name === named.assets) return 'assets';
  if (tags['Name']?.startsWith('clickstream-s3-ingest') === true) return 'raw';
  return tags['Name']?.startsWith('clickstream-s3-sbw') === true ? 'assets' : null;
}

async function measureContent(buckets: Buckets, name: string): Promise<BucketContent> {
  let [objects, versions, bytes, oldest] = [0, 0, 0, Infinity];
  for await (const page of buckets.listVersions(name)) {
    for (const version of page) {
      versions += 1;
      bytes += version.bytes;
      if (version.isMarker) continue;
      if (version.isLatest) objects += 1;
      oldest = Math.min(oldest, version.modifiedAt.getTime());
    }
    if (versions >= COUNTED_VERSIONS)
      return { objects, versions, bytes, oldestAt: dateOf(oldest), isCut: true };
  }
  return { objects, versions, bytes, oldestAt: dateOf(oldest), isCut: false };
}

function dateOf(ms: number): Date | null {
  return ms === Infinity ? null : new Date(ms);
}
