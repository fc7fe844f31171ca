/** What the account and the region offer. Implemented by adapters/aws/deploy/region.ts. */
export interface Region {
  /** ARN of whose keys these are: a user, or a session of a role. */
  caller(): Promise<string>;
  /** Zones that can be used, by name, in the order of the alphabet. */
  zones(): Promise<readonly string[]>;
  /** Those of the zones that have servers of this type. */
  zonesWith(instanceType: string): Promise<readonly string[]>;
  /** Id of the newest official Debian 13 image for x86-64. @throws SbwError IMAGE_NOT_FOUND (environment) */
  newestImage(): Promise<string>;
  hasImage(id: string): Promise<boolean>;
  vpcCount(): Promise<number>;
  /** Elastic addresses of the account in this region, used or not. */
  addressCount(): Promise<number>;
  /** Concurrent executions of Lambda in this region. */
  concurrency(): Promise<{ readonly limit: number; readonly unreserved: number }>;
  /** Those of the actions that IAM would refuse the caller; null when IAM does not tell the caller. */
  deniedActions(actions: readonly string[]): Promise<readonly string[] | null>;
  /** Whether a bucket of that name could be made: names are global. */
  bucketName(name: string): Promise<'free' | 'ours' | 'taken'>;
}
