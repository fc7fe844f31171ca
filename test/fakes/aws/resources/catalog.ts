import { NotInFake } from '../wire/fault.ts';
import * as bucket from './bucket.ts';
import * as address from './ec2/address.ts';
import * as endpoint from './ec2/endpoint.ts';
import * as instance from './ec2/instance.ts';
import * as securityGroup from './ec2/security-group.ts';
import * as volume from './ec2/volume.ts';
import * as vpc from './ec2/vpc.ts';
import * as httpApi from './http-api.ts';
import * as iam from './iam.ts';
import * as lambda from './lambda.ts';
import * as messaging from './messaging.ts';
import * as observability from './observability.ts';
import * as operations from './operations.ts';
import type { ResourceType } from './resource-type.ts';

const FAMILIES: readonly object[] = [
  address,
  bucket,
  endpoint,
  httpApi,
  iam,
  instance,
  lambda,
  messaging,
  observability,
  operations,
  securityGroup,
  volume,
  vpc,
];

const BY_NAME: ReadonlyMap<string, ResourceType> = new Map(
  FAMILIES.flatMap((family) => Object.values(family) as unknown[])
    .filter(isResourceType)
    .map((one) => [one.type, one]),
);

function isResourceType(value: unknown): value is ResourceType {
  return typeof value === 'object' && value !== null && 'minutes' in value && 'isGone' in value;
}

export function findResourceType(name: string): ResourceType | undefined {
  return BY_NAME.get(name);
}

/** @throws NotInFake */
export function resourceTypeOf(name: string): ResourceType {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new NotInFake(`resource type ${name}`);
  return found;
}
