import type * as sdk from '@aws-sdk/client-eventbridge';
import { RULE, hasTargets } from '../../resources/messaging.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { type Properties, items, optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

function requireRule(world: World, name: string): Thing {
  const fault = (): AwsFault =>
    new AwsFault('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  return world.require(RULE, name, fault);
}

/** Those of the template, and those that somebody added since. */
const targetsOf = ({ properties, attributes }: Thing): Properties[] => [
  ...items(properties, 'Targets'),
  ...items(attributes, 'AddedTargets'),
];

function ruleShape({ id, arn, properties }: Thing): sdk.Rule {
  const schedule = optionalText(properties, 'ScheduleExpression');
  return {
    Name: id,
    Arn: arn,
    State: text(properties, 'State') as sdk.RuleState,
    EventBusName: 'default',
    ...(schedule === undefined ? {} : { ScheduleExpression: schedule }),
  };
}

export const events: Service = {
  name: 'events',
  signingName: 'events',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-eventbridge'),
  actions: {
    ListRules({ NamePrefix = '', NextToken }: sdk.ListRulesRequest, world: World): sdk.ListRulesResponse {
      const all = world.things.all(RULE).filter(({ id }) => id.startsWith(NamePrefix));
      const page = pageOf(all, NextToken, world.settings.pageSize);
      return { Rules: page.items.map(ruleShape), ...nextToken('NextToken', page.token) };
    },
    DescribeRule: ({ Name }: sdk.DescribeRuleRequest, world: World): sdk.DescribeRuleResponse =>
      ruleShape(requireRule(world, Name!)),
    DisableRule({ Name }: sdk.DisableRuleRequest, world: World): void {
      change(requireRule(world, Name!), { State: 'DISABLED' });
    },
    EnableRule({ Name }: sdk.EnableRuleRequest, world: World): void {
      change(requireRule(world, Name!), { State: 'ENABLED' });
    },
    ListTargetsByRule(
      { Rule, NextToken }: sdk.ListTargetsByRuleRequest,
      world: World,
    ): sdk.ListTargetsByRuleResponse {
      const page = pageOf(targetsOf(requireRule(world, Rule!)), NextToken, world.settings.pageSize);
      const Targets = page.items.map((target) => ({ Id: text(target, 'Id'), Arn: text(target, 'Arn') }));
      return { Targets, ...nextToken('NextToken', page.token) };
    },
    PutTargets({ Rule, Targets }: sdk.PutTargetsRequest, world: World): sdk.PutTargetsResponse {
      const rule = requireRule(world, Rule!);
      const added = (Targets ?? []).map(({ Id, Arn }) => ({ Id: Id!, Arn: Arn! }));
      rule.attributes = {
        ...rule.attributes,
        AddedTargets: [...items(rule.attributes, 'AddedTargets'), ...added],
      };
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets({ Rule, Ids = [] }: sdk.RemoveTargetsRequest, world: World): sdk.RemoveTargetsResponse {
      const rule = requireRule(world, Rule!);
      const kept = (list: readonly Properties[]): Properties[] =>
        list.filter((one) => !Ids.includes(text(one, 'Id')));
      change(rule, { Targets: kept(items(rule.properties, 'Targets')) });
      rule.attributes = { ...rule.attributes, AddedTargets: kept(items(rule.attributes, 'AddedTargets')) };
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    DeleteRule({ Name }: sdk.DeleteRuleRequest, world: World): void {
      const rule = world.things.find(RULE, Name!);
      if (rule === undefined) return;
      if (targetsOf(rule).length > 0) throw hasTargets();
      world.things.remove(rule);
    },
    ListTagsForResource(
      { ResourceARN }: sdk.ListTagsForResourceRequest,
      world: World,
    ): sdk.ListTagsForResourceResponse {
      const { tags } = requireRule(world, ResourceARN!.split('/').at(-1)!);
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  },
};
