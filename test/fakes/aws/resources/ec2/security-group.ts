import { AwsFault } from '../../wire/fault.ts';
import { hexId } from '../../world/ids.ts';
import { items, optionalText, text, texts } from '../../world/properties.ts';
import type { World } from '../../world/world.ts';
import { dependencyViolation, resourceType } from '../resource-type.ts';
import { requireGroup } from './network-card.ts';
import { CARD, GROUP, addEc2, requireVpc } from './vpc.ts';

const RULE_TYPES = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'] as const;

/** Groups that a rule lets in or out. */
const PEERS = ['SourceSecurityGroupId', 'DestinationSecurityGroupId'] as const;

export const securityGroup = resourceType({
  type: GROUP,
  actions: 'ec2:SecurityGroup',
  create: (draft, world) => {
    const { properties } = draft;
    const vpcId = text(properties, 'VpcId');
    requireVpc(world, vpcId);
    const name = optionalText(properties, 'GroupName') ?? draft.generatedName(255);
    if (world.using(GROUP, 'VpcId', vpcId).some((other) => text(other.properties, 'GroupName') === name)) {
      throw new AwsFault(
        'InvalidGroup.Duplicate',
        `The security group '${name}' already exists for VPC '${vpcId}'`,
      );
    }
    for (const rule of [
      ...items(properties, 'SecurityGroupIngress'),
      ...items(properties, 'SecurityGroupEgress'),
    ]) {
      for (const peer of PEERS) {
        const id = optionalText(rule, peer);
        if (id !== undefined) requireGroup(world, id);
      }
    }
    const made = addEc2(
      world,
      { ...draft, properties: { ...properties, GroupName: name } },
      'sg',
      'SecurityGroup',
    );
    made.attributes = { GroupId: made.id, Id: made.id };
    return made;
  },
  remove: (thing, world) => {
    const hasCard = world.things
      .all(CARD)
      .some(({ properties }) => texts(properties, 'GroupSet').includes(thing.id));
    if (hasCard || isNamedByOthers(world, thing.id)) {
      throw dependencyViolation(`resource ${thing.id} has a dependent object`);
    }
    for (const type of RULE_TYPES) {
      for (const rule of world.using(type, 'GroupId', thing.id)) world.things.remove(rule);
    }
    world.things.remove(thing);
  },
});

function isNamedByOthers(world: World, id: string): boolean {
  const names = (rule: Readonly<Record<string, unknown>>): boolean =>
    PEERS.some((peer) => text(rule, peer) === id);
  const inline = world.things
    .all(GROUP)
    .filter((other) => other.id !== id)
    .flatMap(({ properties }) => [
      ...items(properties, 'SecurityGroupIngress'),
      ...items(properties, 'SecurityGroupEgress'),
    ]);
  const apart = RULE_TYPES.flatMap((type) => world.things.all(type))
    .map(({ properties }) => properties)
    .filter((properties) => text(properties, 'GroupId') !== id);
  return [...inline, ...apart].some(names);
}

const rule = (type: (typeof RULE_TYPES)[number], actions: { create: string; delete: string }) =>
  resourceType({
    type,
    actions: { ...actions, update: 'ec2:UpdateSecurityGroupRuleDescriptions' },
    isTaggable: false,
    create: ({ properties }, world) => {
      requireGroup(world, text(properties, 'GroupId'));
      const id = hexId('sgr');
      return world.add({
        type,
        id,
        arn: world.arn('ec2', `security-group-rule/${id}`),
        properties,
        attributes: { Id: id },
      });
    },
  });

export const ingress = rule('AWS::EC2::SecurityGroupIngress', {
  create: 'ec2:AuthorizeSecurityGroupIngress',
  delete: 'ec2:RevokeSecurityGroupIngress',
});

export const egress = rule('AWS::EC2::SecurityGroupEgress', {
  create: 'ec2:AuthorizeSecurityGroupEgress',
  delete: 'ec2:RevokeSecurityGroupEgress',
});
