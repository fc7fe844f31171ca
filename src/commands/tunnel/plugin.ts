import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import { oneLine } from '../../terminal/paint.ts';
import { listenNear } from '../../tunnel/listen-near.ts';
import type { TunnelPlan } from '../../tunnel/plan.ts';
import { urlOf } from '../../tunnel/plan.ts';
import { sessionLeft } from '../../tunnel/session/ending.ts';
import { requestFor } from '../../tunnel/target/request.ts';
import type { TunnelWorld } from '../../tunnel/world.ts';
import type { TunnelOptions } from '../tunnel.ts';

/** Together under 2 s with what the plugin needs for its own end. */
const TERMINATE_MS = 900;

/** @throws SbwError TUNNEL_FLAGS_INVALID for what the plugin cannot do */
export function checkPluginFlags(options: TunnelOptions): void {
  const { targets, command, open, readyFile, json, sessions, bind } = options;
  const refuse = (message: string, fix: string): never => {
    throw new SbwError('TUNNEL_FLAGS_INVALID', message, { kind: 'usage', fix });
  };
  if (targets.length > 1) refuse('The plugin carries one target.', 'name one, or leave --use-plugin out');
  if (sessions > 1) refuse('The plugin carries one session.', 'leave --sessions or --use-plugin out');
  if (bind !== '127.0.0.1') refuse('The plugin listens on localhost.', 'leave --bind or --use-plugin out');
  if (command.length > 0 || open || readyFile !== undefined || json) {
    const what = 'a command, --open, --ready-file and --json';
    refuse('The plugin does not say when it is ready.', `leave ${what} out, or --use-plugin`);
  }
}

/**
 * The way out for when our own client meets something it cannot do. Returns the exit code.
 * @throws SbwError PORT_TAKEN, PLUGIN_MISSING, as SessionApi.start
 */
export async function runPlugin(ctx: Context, world: TunnelWorld, plan: TunnelPlan): Promise<number> {
  const { stop } = ctx.interrupts;
  const { api } = world.connections;
  const port = await findPort(ctx, world, plan);
  const asked = requestFor(plan.forwarding);
  const request = { ...asked, parameters: { ...asked.parameters, localPortNumber: [String(port)] } };
  const late = new AbortController();
  // What is being started must be ended too, so it is not broken off at once.
  stop.addEventListener('abort', () => setTimeout(() => late.abort(), TERMINATE_MS).unref(), { once: true });
  const grant = await api.start(request, late.signal);
  // Its own words say when; they do not say where.
  ctx.terminal.info(`session-manager-plugin carries the data; once its port is opened: ${urlOf(plan, port)}`);
  try {
    const code = await world.programs.runPlugin({ grant, request }, stop);
    return stop.aborted ? 0 : code;
  } finally {
    await api.terminate(grant.sessionId, AbortSignal.timeout(TERMINATE_MS)).catch((error: unknown) => {
      const { message, fix } = sessionLeft(grant.sessionId, error);
      ctx.terminal.error(`${message}\n  fix    ${fix}`);
    });
  }
}

/** The plugin takes the port that it is told and fails when somebody has it. */
async function findPort(
  ctx: Context,
  { connections: { listen }, programs }: TunnelWorld,
  { local }: TunnelPlan,
): Promise<number> {
  const taken = async (port: number): Promise<void> => {
    const owner = (await programs.portOwner(port)) ?? 'another program';
    ctx.terminal.info(`port ${port} is used by ${oneLine(owner, 60)}, trying the next one`);
  };
  const listener = await (local.isStrict ? listen : listenNear(listen, taken))(local, (one) => one.destroy());
  await listener.close();
  return listener.port;
}
