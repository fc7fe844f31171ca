import type { Door, OpenRule } from '../../ports/health.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { judge, look } from '../look.ts';
import { type StageView, checkLayer, driftCommand } from '../stage-view.ts';

/**
 * The endpoints through which the private subnet reaches S3 and Systems Manager, since it has no other way out; and
 * whether somebody opened a firewall to the whole internet, which no template of ours does.
 */
export function checkDoors(view: StageView): Promise<Check> {
  return checkLayer(view, 'network', 'network', async ({ outputs, parameters }) => {
    const wanted = [
      's3',
      'ssm',
      'ssmmessages',
      ...(parameters['Ec2Messages'] === 'true' ? ['ec2messages'] : []),
    ];
    const vpcId = outputs['VpcId'] ?? '';
    const [doors, rules] = await Promise.all([
      look(view.limitMs, () => view.ports.health.doors(vpcId)),
      look(view.limitMs, () => view.ports.health.openRules(vpcId)),
    ]);
    return checkOf('network', [
      judge('doors', doors, (found) => judgeDoors(view, wanted, found)),
      judge('firewalls', rules, judgeRules),
    ]);
  });
}

function judgeDoors(view: StageView, wanted: readonly string[], doors: readonly Door[]): Finding {
  const stateOf = (service: string): string => {
    const states = doors.filter((door) => door.service === service).map(({ state }) => state);
    return states.includes('available') ? 'available' : (states[0] ?? 'missing');
  };
  const shut = wanted.filter((service) => stateOf(service) !== 'available');
  if (shut.length === 0) return finding('ok', `doors to ${wanted.join(', ')} open`);
  const isComing = shut.every((service) => stateOf(service).startsWith('pending'));
  return finding(
    isComing ? 'busy' : 'fail',
    shut.map((service) => `door to ${service}: ${stateOf(service)}`).join(', '),
    ...(isComing ? [] : [driftCommand(view)]),
  );
}

function judgeRules(rules: readonly OpenRule[]): Finding {
  if (rules.length === 0) return finding('ok', 'firewalls shut');
  const told = rules.map(({ group, ports, source }) => `${group} allows ${ports} from ${source}`);
  return finding('fail', told.join(', '), 'take the rule out of the security group');
}
