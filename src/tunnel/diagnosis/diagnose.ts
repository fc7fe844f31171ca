import type { Instance } from '../target/find-instance.ts';
import { isNewer } from '../version.ts';
import type { EndpointFacts, IngressRule, PathFacts } from './facts.ts';

/** One link of the way from here to the target. */
export interface Check {
  readonly what: string;
  readonly verdict: 'ok' | 'broken' | 'unknown';
  /** In one line. */
  readonly detail: string;
  /** Of a broken link. */
  readonly fix?: string;
}

/** The first agent that forwards ports, and the first that forwards to other hosts. */
const FIRST_WITH_PORTS = '2.3.672.0';
const FIRST_WITH_HOSTS = '3.1.1374.0';
/** What an agent cannot do without; `ec2messages` it can. */
const SERVICES = ['ssm', 'ssmmessages'] as const;
const HTTPS = 443;
const POLICIES = /AmazonSSMManagedInstanceCore|AmazonSSMManagedEC2InstanceDefaultPolicy/;

/**
 * The links in order. The first broken one is the reason: those behind it often break with it.
 * @param toHost the tunnel ends at another host than the instance
 */
export function diagnosePath(facts: PathFacts, toHost = false): Check[] {
  const { instance } = facts;
  const checks = [checkInstance(facts)];
  if (instance === undefined || instance === null) return [...checks, checkAgent(facts, toHost)];
  checks.push(checkRole(instance, facts));
  if (facts.hasDefaultRoute === true) {
    checks.push({ what: 'way to AWS', verdict: 'ok', detail: 'the subnet has a route to the internet' });
  } else for (const service of SERVICES) checks.push(checkEndpoint(service, instance, facts));
  return [...checks, checkAgent(facts, toHost)];
}

export function findBroken(checks: readonly Check[]): Check | null {
  return checks.find(({ verdict }) => verdict === 'broken') ?? null;
}

function checkInstance({ instance }: PathFacts): Check {
  const what = 'instance';
  if (instance === null) return { what, verdict: 'unknown', detail: 'may not be looked at' };
  if (instance === undefined) {
    return { what, verdict: 'broken', detail: 'does not exist', fix: 'check --region and the profile' };
  }
  if (instance.state === 'running') return { what, verdict: 'ok', detail: 'running' };
  const fix =
    instance.state === 'stopped'
      ? `aws ec2 start-instances --instance-ids ${instance.id}`
      : 'wait until it is stopped or running';
  return { what, verdict: 'broken', detail: instance.state, fix };
}

function checkRole({ profileArn, id }: Instance, { policies }: PathFacts): Check {
  const what = 'role';
  if (profileArn === null) {
    const fix = `give the instance a role with AmazonSSMManagedInstanceCore: aws ec2 associate-iam-instance-profile --instance-id ${id} --iam-instance-profile Name=<profile>`;
    return { what, verdict: 'broken', detail: 'the instance has none', fix };
  }
  if (policies === null) return { what, verdict: 'unknown', detail: 'its policies may not be looked at' };
  if (policies.some((name) => POLICIES.test(name))) {
    return { what, verdict: 'ok', detail: 'has AmazonSSMManagedInstanceCore' };
  }
  // Permissions may stand in another policy.
  return { what, verdict: 'unknown', detail: 'has no policy named AmazonSSMManagedInstanceCore' };
}

function checkEndpoint(service: string, instance: Instance, { endpoints, agent }: PathFacts): Check {
  const what = `endpoint ${service}`;
  // There are ways to AWS that are not looked at here, such as a transit gateway: what is used is there.
  if (service === 'ssm' && isOnline(agent)) return { what, verdict: 'ok', detail: 'the agent uses it' };
  if (endpoints === null) return { what, verdict: 'unknown', detail: 'may not be looked at' };
  const endpoint = endpoints.find((one) => one.service === service);
  if (endpoint === undefined) {
    const fix = `make an interface endpoint for ${service} in ${instance.vpcId}, with private DNS: sbw deploy network`;
    return { what, verdict: 'broken', detail: 'missing, and the subnet has no route to the internet', fix };
  }
  if (endpoint.state !== 'available') {
    return { what, verdict: 'broken', detail: `is ${endpoint.state}`, fix: 'wait, or make it again' };
  }
  if (!endpoint.hasPrivateDns) {
    return { what, verdict: 'broken', detail: 'without private DNS', fix: 'turn on its private DNS names' };
  }
  return checkIngress(what, endpoint, instance);
}

function checkIngress(what: string, { ingress, securityGroupIds }: EndpointFacts, instance: Instance): Check {
  if (ingress === null)
    return { what, verdict: 'unknown', detail: 'its security group may not be looked at' };
  if (ingress.some((rule) => admits(rule, instance))) return { what, verdict: 'ok', detail: 'reachable' };
  if (ingress.some((rule) => coversHttps(rule) && rule.hasPrefixLists)) {
    return {
      what,
      verdict: 'unknown',
      detail: 'its security group lets prefix lists in, which are not read',
    };
  }
  const admitted = ingress
    .filter(coversHttps)
    .flatMap(({ cidrs, securityGroupIds: ids }) => [...cidrs, ...ids]);
  const who = admitted.length === 0 ? 'nobody' : admitted.join(', ');
  const [group = '<group>'] = securityGroupIds;
  const [source = '<group of the instance>'] = instance.securityGroupIds;
  return {
    what,
    verdict: 'broken',
    detail: `its security group lets ${who} in on 443, and the instance is ${instance.privateIp}`,
    fix: `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port 443 --source-group ${source}`,
  };
}

function isOnline(agent: PathFacts['agent']): boolean {
  return agent !== null && agent !== 'unregistered' && agent.ping === 'Online';
}

function checkAgent({ agent }: PathFacts, toHost: boolean): Check {
  const what = 'SSM agent';
  if (agent === null) return { what, verdict: 'unknown', detail: 'may not be looked at' };
  if (agent === 'unregistered') {
    const fix =
      'see the serial console of the instance for its start: aws ec2 get-console-output --latest --instance-id <id>';
    return { what, verdict: 'broken', detail: 'has never registered with this account and region', fix };
  }
  const said = `version ${agent.version}`;
  const least = toHost ? FIRST_WITH_HOSTS : FIRST_WITH_PORTS;
  if (isNewer(least, agent.version)) {
    const fix = 'update it: aws ssm send-command --document-name AWS-UpdateSSMAgent --instance-ids <id>';
    const detail = `${said} is too old for ${toHost ? '--remote-host' : 'port forwarding'} (${least} can)`;
    return { what, verdict: 'broken', detail, fix };
  }
  if (isOnline(agent)) return { what, verdict: 'ok', detail: `online, ${said}` };
  const since =
    agent.lastPingAt === null ? '' : `, last heard ${agent.lastPingAt.toISOString().slice(0, 16)}Z`;
  const fix = 'restart the agent, or reboot the instance: aws ec2 reboot-instances --instance-ids <id>';
  return { what, verdict: 'broken', detail: `${agent.ping}${since}, ${said}`, fix };
}

function admits(rule: IngressRule, { privateIp, securityGroupIds }: Instance): boolean {
  if (!coversHttps(rule)) return false;
  return (
    rule.securityGroupIds.some((id) => securityGroupIds.includes(id)) ||
    rule.cidrs.some((cidr) => contains(cidr, privateIp))
  );
}

function coversHttps({ protocol, fromPort, toPort }: IngressRule): boolean {
  return protocol === '-1' || (protocol === 'tcp' && fromPort <= HTTPS && HTTPS <= toPort);
}

/** IPv4 only: the platform's subnets have nothing else. */
function contains(cidr: string, ip: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const [left, right] = [addressOf(network), addressOf(ip)];
  if (left === null || right === null) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(left / size) === Math.floor(right / size);
}

function addressOf(ip: string): number | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(ip)) return null;
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
