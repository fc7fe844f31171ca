import type { AgentState, ServerState } from '../../ports/health.ts';
import { type Check, type Finding, checkOf, finding } from '../check.ts';
import { judge, look } from '../look.ts';
import { type StageView, checkLayer, driftCommand } from '../stage-view.ts';

const ON_THE_WAY = new Set(['pending', 'stopping', 'shutting-down']);

/** A server, EC2's own checks of it, and whether its SSM agent answers: without that there is no tunnel. */
export function checkServer(view: StageView, layer: 'warehouse' | 'web-db'): Promise<Check> {
  const { limitMs, ports } = view;
  return checkLayer(view, layer, layer, async ({ outputs }) => {
    const id = outputs['InstanceId'] ?? '';
    const [server, checks, agent] = await Promise.all([
      look(limitMs, () => ports.health.server(id)),
      look(limitMs, () => ports.health.serverChecks(id)),
      look(limitMs, () => ports.health.agent(id)),
    ]);
    const state = judge('server', server, (found) => judgeServer(view, layer, id, found));
    const isRunning = server.isSeen && server.value?.state === 'running';
    // Of a server that does not run, nothing else is worth a word.
    if (server.isSeen && !isRunning) return checkOf(layer, [state]);
    return checkOf(layer, [
      state,
      judge('checks of EC2', checks, judgeChecks),
      judge('SSM agent', agent, (found) => judgeAgent(view, found)),
    ]);
  });
}

/** For the warehouse a deploy makes another one, which finds the volume. */
function goneFix(view: StageView, layer: 'warehouse' | 'web-db'): string {
  if (layer !== 'warehouse') return driftCommand(view);
  return `sbw deploy --stage ${view.stage.name}   makes another one, which takes up the data volume`;
}

function judgeServer(
  view: StageView,
  layer: 'warehouse' | 'web-db',
  id: string,
  server: ServerState | null,
): Finding {
  if (server === null || server.state === 'terminated') {
    return finding('fail', `the server ${id} is gone`, goneFix(view, layer));
  }
  if (server.state === 'running') return finding('ok', `${id} running`);
  if (ON_THE_WAY.has(server.state)) return finding('busy', `the server ${id} is ${server.state}`);
  return finding(
    'fail',
    `the server ${id} is ${server.state}`,
    `aws ec2 start-instances --instance-ids ${id}`,
  );
}

function judgeChecks(checks: string | null): Finding {
  if (checks === 'ok') return finding('ok', 'checks passed');
  if (checks === 'initializing') return finding('busy', 'the server has just started');
  if (checks === null) return finding('unknown', 'checks of EC2: unknown, it tells nothing yet');
  return finding(
    'fail',
    `EC2 finds the server ${checks}`,
    'stop and start it: it then moves to another machine',
  );
}

function judgeAgent({ stage }: StageView, agent: AgentState | null): Finding {
  if (agent?.ping === 'Online') return finding('ok', `agent online`);
  const since = agent?.seenAt == null ? '' : ` since ${agent.seenAt.toISOString().slice(0, 16)}Z`;
  return finding(
    'fail',
    agent === null ? 'SSM never heard of its agent' : `SSM agent: ${agent.ping}${since}`,
    `sbw tunnel shiny --stage ${stage.name}   says what stands between`,
  );
}
