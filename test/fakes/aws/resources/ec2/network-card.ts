import { AwsFault } from '../../wire/fault.ts';
import { hexId, uuid } from '../../world/ids.ts';
import { text, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { CARD, requireSubnet } from './vpc.ts';

export interface CardWish {
  readonly subnetId: string;
  readonly groupIds: readonly string[];
  readonly description: string;
  /** `interface` of servers, `vpc_endpoint` of interface endpoints, `lambda` of functions. */
  readonly kind: 'interface' | 'vpc_endpoint' | 'lambda';
  /** Instance, endpoint; for functions the pair of subnet and groups, which functions share. */
  readonly owner: string;
}

/** A network card in use. @throws AwsFault when subnet or groups do not exist */
export function addCard(world: World, { subnetId, groupIds, description, kind, owner }: CardWish): Thing {
  const subnet = requireSubnet(world, subnetId);
  for (const group of groupIds) requireGroup(world, group);
  const id = hexId('eni');
  const taken = world.using(CARD, 'SubnetId', subnetId).length;
  const [network = '10.0.0'] = /^\d+\.\d+\.\d+/.exec(text(subnet.properties, 'CidrBlock')) ?? [];
  return world.add({
    type: CARD,
    id,
    arn: world.arn('ec2', `network-interface/${id}`),
    state: 'in-use',
    properties: {
      SubnetId: subnetId,
      VpcId: text(subnet.properties, 'VpcId'),
      GroupSet: groupIds,
      Description: description,
      InterfaceType: kind,
      AvailabilityZone: text(subnet.attributes, 'AvailabilityZone'),
      PrivateIpAddress: `${network}.${10 + taken}`,
      Owner: owner,
    },
    attributes: { RequesterId: REQUESTERS[kind] ?? world.accountId },
  });
}

const REQUESTERS: Readonly<Record<string, string>> = {
  lambda: 'AROAEXAMPLEROLEOFLAMBDA:sbw',
  vpc_endpoint: '727180483921',
};

/** @throws AwsFault InvalidGroup.NotFound */
export function requireGroup(world: World, id: string): Thing {
  return world.require(
    'AWS::EC2::SecurityGroup',
    id,
    () => new AwsFault('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
  );
}

export function cardsOf(world: World, owner: string): Thing[] {
  return world.using(CARD, 'Owner', owner);
}

/** What `DeleteNetworkInterface` does. @throws AwsFault */
export function deleteCard(world: World, id: string): void {
  const card = world.require(
    CARD,
    id,
    () =>
      new AwsFault('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`),
  );
  if (card.state === 'in-use') {
    throw new AwsFault('InvalidParameterValue', `Network interface '${id}' is currently in use.`);
  }
  world.things.remove(card);
}

/** Where a function stands in a VPC: its cards are shared by all that stand in the same place. */
export interface Place {
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
}

export function placeOf(functionThing: Thing): Place | null {
  const config = (functionThing.properties['VpcConfig'] ?? {}) as Record<string, unknown>;
  const [subnetIds, groupIds] = [texts(config, 'SubnetIds'), texts(config, 'SecurityGroupIds')];
  return subnetIds.length === 0 ? null : { subnetIds, groupIds };
}

const keyOf = (subnetId: string, groupIds: readonly string[]): string =>
  `lambda:${subnetId}:${groupIds.toSorted().join(',')}`;

/** Gives the place its cards, or takes back that they are on their way out. */
export function occupy(world: World, functionName: string, { subnetIds, groupIds }: Place): void {
  for (const subnetId of subnetIds) {
    const owner = keyOf(subnetId, groupIds);
    const [card] = cardsOf(world, owner);
    if (card === undefined) {
      const description = `AWS Lambda VPC ENI-${functionName}-${uuid()}`;
      addCard(world, { subnetId, groupIds, description, kind: 'lambda', owner });
    } else {
      card.state = 'in-use';
    }
  }
}

/**
 * Called when a function leaves a place. Lambda frees the cards of a place that nobody uses in its own time: first
 * they are merely available, and later gone. When the role with which it made them is gone before that, it cannot
 * delete them any more.
 */
export function vacate(world: World, { subnetIds, groupIds }: Place, roleArn: string): void {
  const { availableAfter, goneAfter } = world.settings.cards;
  for (const subnetId of subnetIds) {
    const owner = keyOf(subnetId, groupIds);
    const isFree = (): boolean =>
      !world.things.all('AWS::Lambda::Function').some((other) => {
        const place = placeOf(other);
        return place?.subnetIds.includes(subnetId) === true && keyOf(subnetId, place.groupIds) === owner;
      });
    world.clock.after(availableAfter, () => {
      if (isFree()) for (const card of cardsOf(world, owner)) card.state = 'available';
    });
    world.clock.after(goneAfter, () => {
      const hasRole = world.things.all('AWS::IAM::Role').some(({ arn }) => arn === roleArn);
      if (isFree() && hasRole) for (const card of cardsOf(world, owner)) world.things.remove(card);
    });
  }
}
