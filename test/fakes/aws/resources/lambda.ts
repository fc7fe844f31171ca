import { AwsFault } from '../wire/fault.ts';
import { uuid } from '../world/ids.ts';
import { nested, number, optionalText, text } from '../world/properties.ts';
import type { Properties } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';
import { cardsOf, occupy, placeOf, vacate } from './ec2/network-card.ts';
import { ROLE } from './iam.ts';
import { resourceType } from './resource-type.ts';

export const FUNCTION = 'AWS::Lambda::Function';

/** Kept free for functions without a reservation. */
const UNRESERVED_MINIMUM = 100;
const RESERVED_VARIABLES =
  /^(AWS_REGION|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_\w+|_HANDLER)$/;

const invalid = (message: string): AwsFault => new AwsFault('InvalidParameterValueException', message);

/** @throws AwsFault in Lambda's words */
function requireValid(properties: Properties, world: World): void {
  const roleArn = text(properties, 'Role');
  if (!world.things.all(ROLE).some(({ arn }) => arn === roleArn)) {
    throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
  const code = nested(properties, 'Code');
  const bucket = optionalText(code, 'S3Bucket');
  if (bucket !== undefined) {
    const content = world.buckets.get(bucket);
    const found = content?.current(text(code, 'S3Key'));
    if (found === undefined) {
      const what = content === undefined ? ['NoSuchBucket', 'bucket'] : ['NoSuchKey', 'key'];
      throw invalid(
        `Error occurred while GetObject. S3 Error Code: ${what[0]}. S3 Error Message: The specified ${what[1]} does not exist.`,
      );
    }
  }
  const variables = Object.keys(nested(nested(properties, 'Environment'), 'Variables'));
  const reserved = variables.filter((name) => RESERVED_VARIABLES.test(name));
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
}

/** @throws AwsFault when too little of the account's concurrency would be left */
export function requireConcurrency(world: World, functionName: string, wanted: number): void {
  const others = world.things
    .all(FUNCTION)
    .filter(({ id }) => id !== functionName)
    .reduce((sum, { properties }) => sum + number(properties, 'ReservedConcurrentExecutions'), 0);
  const { concurrencyLimit } = world.settings;
  const minimum = Math.min(UNRESERVED_MINIMUM, concurrencyLimit);
  if (concurrencyLimit - others - wanted < minimum && wanted > 0) {
    throw invalid(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
    );
  }
}

export const lambdaFunction = resourceType({
  type: FUNCTION,
  actions: {
    create: 'lambda:CreateFunction',
    update: 'lambda:UpdateFunctionConfiguration',
    delete: 'lambda:DeleteFunction',
  },
  minutes: { create: 0.5, update: 0.4 },
  nameProperty: 'FunctionName',
  create: (draft, world) => {
    const { properties } = draft;
    const id = optionalText(properties, 'FunctionName') ?? draft.generatedName();
    if (world.things.find(FUNCTION, id) !== undefined) {
      throw new AwsFault('ResourceConflictException', `Function already exist: ${id}`, 409);
    }
    requireValid(properties, world);
    requireConcurrency(world, id, number(properties, 'ReservedConcurrentExecutions'));
    const arn = world.arn('lambda', `function:${id}`);
    const made = world.add({
      type: FUNCTION,
      id,
      arn,
      properties,
      tags: { ...draft.tags },
      state: 'Pending',
      attributes: { Arn: arn, RevisionId: uuid(), LastUpdateStatus: 'Successful' },
    });
    const place = placeOf(made);
    if (place !== null) occupy(world, id, place);
    // Cards for a new place take Lambda some minutes.
    world.clock.after(place === null ? 0.1 : 1.5, () => {
      made.state = 'Active';
    });
    return made;
  },
  isReady: ({ state }) => state === 'Active',
  update: (thing, properties, world) => {
    requireValid(properties, world);
    requireConcurrency(world, thing.id, number(properties, 'ReservedConcurrentExecutions'));
    configure(thing, properties, world);
  },
  remove: (thing, world) => {
    const place = placeOf(thing);
    world.things.remove(thing);
    if (place !== null) vacate(world, place, text(thing.properties, 'Role'));
  },
  // CloudFormation waits for the cards of the function's last place, if it may look at them.
  isGone: (thing, world) => {
    if (world.things.find(FUNCTION, thing.id) === thing) return false;
    const place = placeOf(thing);
    if (place === null || world.script.isDenied('ec2:DescribeNetworkInterfaces')) return true;
    const isUsed = world.things.all(FUNCTION).some((other) => placeOf(other) !== null);
    return isUsed || place.subnetIds.every((subnet) => !hasLambdaCard(world, subnet));
  },
});

function hasLambdaCard(world: World, subnetId: string): boolean {
  return world
    .using('AWS::EC2::NetworkInterface', 'SubnetId', subnetId)
    .some(
      ({ properties }) =>
        text(properties, 'InterfaceType') === 'lambda' &&
        cardsOf(world, text(properties, 'Owner')).length > 0,
    );
}

/** New properties; Lambda works on them for a while, and gives up the old place's cards when it has left it. */
export function configure(thing: Thing, properties: Properties, world: World): void {
  const before = placeOf(thing);
  thing.properties = properties;
  thing.attributes = { ...thing.attributes, RevisionId: uuid(), LastUpdateStatus: 'InProgress' };
  const after = placeOf(thing);
  if (after !== null) occupy(world, thing.id, after);
  world.clock.after(0.3, () => {
    thing.attributes = { ...thing.attributes, LastUpdateStatus: 'Successful' };
  });
  const hasMoved = before !== null && JSON.stringify(before) !== JSON.stringify(after);
  if (hasMoved) vacate(world, before, text(properties, 'Role'));
}

/** @throws AwsFault ResourceNotFoundException */
export function requireFunction(world: World, nameOrArn: string): Thing {
  const name = nameOrArn.split(':').at(-1)!;
  const fault = (): AwsFault =>
    new AwsFault(
      'ResourceNotFoundException',
      `Function not found: ${world.arn('lambda', `function:${name}`)}`,
      404,
    );
  return world.require(FUNCTION, name, fault);
}

export const permission = resourceType({
  type: 'AWS::Lambda::Permission',
  actions: {
    create: 'lambda:AddPermission',
    update: 'lambda:AddPermission',
    delete: 'lambda:RemovePermission',
  },
  isTaggable: false,
  create: (draft, world) => {
    requireFunction(world, text(draft.properties, 'FunctionName'));
    return world.add({
      type: 'AWS::Lambda::Permission',
      id: draft.generatedName(),
      arn: '',
      properties: draft.properties,
    });
  },
});

export const eventInvokeConfig = resourceType({
  type: 'AWS::Lambda::EventInvokeConfig',
  actions: {
    create: 'lambda:PutFunctionEventInvokeConfig',
    update: 'lambda:PutFunctionEventInvokeConfig',
    delete: 'lambda:DeleteFunctionEventInvokeConfig',
  },
  isTaggable: false,
  create: ({ properties }, world) => {
    const { id: name } = requireFunction(world, text(properties, 'FunctionName'));
    const id = `${name}|${optionalText(properties, 'Qualifier') ?? '$LATEST'}`;
    return world.add({ type: 'AWS::Lambda::EventInvokeConfig', id, arn: '', properties });
  },
});
