import { LOG_GROUP } from '../resources/observability.ts';
import { FUNCTION } from '../resources/lambda.ts';
import { isDenied } from '../services/s3/access.ts';
import { number } from '../world/properties.ts';
import type { World } from '../world/world.ts';

/** Traffic of a shop: visitors do not know that somebody is tearing it down. */
export interface Writer {
  readonly bucketName: string;
  /** The function that writes: gone, or without concurrency, it writes no more. None: nothing but the bucket stops it. */
  readonly functionName?: string;
  /** Objects a minute of the fake's clock. */
  readonly perMinute: number;
  /** Stops by itself after so many; for ever by default. */
  readonly limit?: number;
}

export function startWriter(world: World, writer: Writer): void {
  const { bucketName, functionName, perMinute, limit = Infinity } = writer;
  let written = 0;
  const write = (): void => {
    if (written >= limit) return;
    world.clock.after(1 / perMinute, write);
    if (functionName !== undefined && !canRun(world, functionName)) return;
    const content = world.buckets.get(bucketName);
    if (content === undefined || isDenied(world, bucketName, 's3:PutObject')) return;
    written += 1;
    const at = world.clock.now();
    const [day = '', time = ''] = at.toISOString().split('T');
    const key = `events/${day.replaceAll('-', '/')}/${time.slice(0, 2)}/event-written-${written}.json`;
    content.put({
      key,
      body: Buffer.from(JSON.stringify({ eventId: `written-${written}` })),
      modifiedAt: at,
    });
    if (functionName !== undefined) logOf(world, functionName);
  };
  world.clock.after(1 / perMinute, write);
}

function canRun(world: World, functionName: string): boolean {
  const found = world.things.find(FUNCTION, functionName);
  return (
    found !== undefined &&
    found.state === 'Active' &&
    number(found.properties, 'ReservedConcurrentExecutions', 1) > 0
  );
}

/** A function whose log group is gone makes a new one, outside of every stack, unless it may not. */
function logOf(world: World, functionName: string): void {
  const id = `/aws/lambda/${functionName}`;
  const mayCreate = JSON.stringify(world.things.all('AWS::IAM::Role').map(({ properties }) => properties));
  if (!mayCreate.includes('logs:CreateLogGroup') || world.things.find(LOG_GROUP, id) !== undefined) return;
  world.add({
    type: LOG_GROUP,
    id,
    arn: world.arn('logs', `log-group:${id}:*`),
    properties: { LogGroupName: id },
  });
}
