import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** `vpc-0f1c5a0e2b7d4c9a1` */
export const hexId = (prefix: string): string => `${prefix}-0${randomBytes(8).toString('hex')}`;

export const uuid = (): string => randomUUID();

/** What CloudFormation puts behind names that a template leaves open: `sbw-dev-etl-Role-1AB2C3D4E5F6G`. */
export function generatedName(stackName: string, logicalId: string, limit = 64): string {
  const suffix = randomBytes(8).toString('hex').slice(0, 12).toUpperCase();
  const room = limit - suffix.length - 2;
  return `${`${stackName}-${logicalId}`.slice(0, room)}-${suffix}`;
}

/** Ten lower case letters and digits, as API Gateway uses. */
export const shortId = (): string =>
  BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .slice(0, 10);

/** A number in AWS's own sense: same text, same bytes. */
export const md5 = (content: Buffer | string): string => createHash('md5').update(content).digest('hex');
