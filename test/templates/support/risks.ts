import { isMap, listOf, textOf, walk, type Resource, type Value } from './template.ts';
import type { RenderedTemplate } from './rendering.ts';

/** PostgreSQL, Shiny, SSH. */
const PRIVATE_PORTS = [5432, 3838, 22];
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** Actions that IAM does not tie to a resource. Everything else has to name one. */
const WITHOUT_RESOURCE =
  /^(ssmmessages|ec2messages):|^ec2:(Describe\w+|(Create|Delete)NetworkInterface|(Assign|Unassign)PrivateIpAddresses)$|^cloudwatch:PutMetricData$|^(logs|codebuild):(Describe|List)\w+$/;

/** A name for something secret, unless it only says where the secret is kept. */
const SECRET_NAME =
  /(PASSWORD|SECRET|TOKEN(?!S)|PRIVATE_?KEY|ACCESS_?KEY)(?!.*(_PARAMETER|_PARAMETER_NAME|_ARN)$)/i;
const SECRET_TEXT = /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|postgres(ql)?:\/\/[^/\s:]+:[^@\s]+@/;

interface Rule {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
}

function rulesOf({ Type, Properties = {} }: Resource): Rule[] {
  const rules = Type.startsWith('AWS::EC2::SecurityGroup')
    ? [
        Properties,
        ...listOf(Properties['SecurityGroupIngress']),
        ...listOf(Properties['SecurityGroupEgress']),
      ]
    : [];
  return rules.filter((rule) => isMap(rule) && 'IpProtocol' in rule) as unknown as Rule[];
}

function isOpen(rule: Rule, port: number): boolean {
  if (![rule.CidrIp, rule.CidrIpv6].some((cidr) => EVERYWHERE.includes(cidr ?? ''))) return false;
  if (!['tcp', '6', '-1'].includes(String(rule.IpProtocol))) return false;
  return String(rule.IpProtocol) === '-1' || (Number(rule.FromPort) <= port && port <= Number(rule.ToPort));
}

/** Ports of databases, dashboard and shell that anybody, or anything, may reach: `Group 5432`. */
export function findOpenPorts({ Resources }: RenderedTemplate): string[] {
  return Object.entries(Resources).flatMap(([id, resource]) =>
    PRIVATE_PORTS.filter((port) => rulesOf(resource).some((rule) => isOpen(rule, port))).map(
      (port) => `${id} ${port}`,
    ),
  );
}

export interface Statement {
  readonly Effect: string;
  readonly Action: Value;
  readonly Resource: Value;
  readonly Principal?: Value;
}

/** Every statement of the policies that a role carries, its trust policy left out. */
export function statementsOf(role: Resource): Statement[] {
  const policies = listOf(role.Properties?.['Policies'] ?? role.Properties?.['PolicyDocument']);
  return policies.flatMap((policy) =>
    [...walk(policy)]
      .filter(isMap)
      .filter((value) => 'Effect' in value && 'Action' in value)
      .map((statement) => statement as unknown as Statement),
  );
}

function risksOfStatement({ Effect, Action, Resource }: Statement): string[] {
  if (Effect !== 'Allow') return [];
  const actions = listOf(Action).map(textOf);
  const isEverything = listOf(Resource).some((resource) => /^\*$|^arn:[^/]*:\*$/.test(textOf(resource)));
  return [
    ...actions.filter((action) => action.includes('*')),
    ...(isEverything
      ? actions.filter((action) => !WITHOUT_RESOURCE.test(action)).map((action) => `${action} on *`)
      : []),
  ];
}

/** Permissions wider than they need to be. Managed policies change without us, and most of them are wide. */
export function findWidePermissions({ Resources }: RenderedTemplate): string[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => /^AWS::IAM::(Role|Policy|ManagedPolicy)$/.test(Type))
    .flatMap(([id, role]) => [
      ...listOf(role.Properties?.['ManagedPolicyArns']).map((arn) => `${id} ${textOf(arn)}`),
      ...statementsOf(role)
        .flatMap(risksOfStatement)
        .map((risk) => `${id} ${risk}`),
    ]);
}

/** Secrets, and places that invite one: `Function Environment.DB_PASSWORD`. */
export function findSecrets({ Resources }: RenderedTemplate): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const names = [...walk(Properties as Value)]
      .filter(isMap)
      .flatMap((value) => [
        ...Object.keys(value),
        ...(typeof value['Name'] === 'string' ? [value['Name']] : []),
      ])
      .filter((name) => SECRET_NAME.test(name) && !name.startsWith('/'));
    const texts = [...walk(Properties as Value)].filter(
      (value): value is string => typeof value === 'string' && SECRET_TEXT.test(value),
    );
    const kept = Type === 'AWS::SecretsManager::Secret' || Type === 'AWS::IAM::AccessKey' ? [Type] : [];
    return [...names, ...texts, ...kept].map((found) => `${id} ${found}`);
  });
}
