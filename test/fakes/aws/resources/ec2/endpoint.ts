import { AwsFault } from '../../wire/fault.ts';
import { text, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import { resourceType } from '../resource-type.ts';
import { addCard, cardsOf } from './network-card.ts';
import { ENDPOINT, ROUTE_TABLE, addEc2, requireVpc } from './vpc.ts';

/** How long the cards of an interface endpoint outlive the order to delete it. */
const CARDS_LEAVE_AFTER = 2;

export const endpoint = resourceType({
  type: ENDPOINT,
  actions: {
    create: 'ec2:CreateVpcEndpoint',
    update: 'ec2:ModifyVpcEndpoint',
    delete: 'ec2:DeleteVpcEndpoints',
  },
  minutes: { create: 1.5 },
  create: (draft, world) => {
    const { properties } = draft;
    requireVpc(world, text(properties, 'VpcId'));
    for (const table of texts(properties, 'RouteTableIds')) {
      world.require(
        ROUTE_TABLE,
        table,
        () => new AwsFault('InvalidRouteTableId.NotFound', `The routeTable ID '${table}' does not exist`),
      );
    }
    const service = text(properties, 'ServiceName');
    if (!service.startsWith(`com.amazonaws.${world.region}.`)) {
      throw new AwsFault('InvalidServiceName', `The Vpc Endpoint Service '${service}' does not exist`);
    }
    const made = addEc2(world, draft, 'vpce', 'VPCEndpoint');
    made.attributes = { Id: made.id };
    if (text(properties, 'VpcEndpointType') !== 'Interface') return made;
    for (const subnetId of texts(properties, 'SubnetIds')) {
      addCard(world, {
        subnetId,
        groupIds: texts(properties, 'SecurityGroupIds'),
        description: `VPC Endpoint Interface ${made.id}`,
        kind: 'vpc_endpoint',
        owner: made.id,
      });
    }
    return made;
  },
  remove: (thing, world) => deleteEndpoint(thing, world),
});

/** Its cards go some minutes later, and it with them. */
export function deleteEndpoint(thing: Thing, world: World): void {
  if (thing.state === 'deleting') return;
  const cards = cardsOf(world, thing.id);
  thing.state = 'deleting';
  world.clock.after(cards.length === 0 ? 0.2 : CARDS_LEAVE_AFTER, () => {
    for (const card of cards) world.things.remove(card);
    world.things.remove(thing);
  });
}
