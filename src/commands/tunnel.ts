import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT_CODE, SbwError } from '../errors.ts';
import { readProjectConfig } from '../project-config.ts';
import type { TunnelRenderer } from '../terminal/tunnel/render-tunnel.ts';
import type { ProvenTunnel } from '../tunnel/open-proven.ts';
import type { TunnelWorld } from '../tunnel/world.ts';
import type { Exit } from './index.ts';
import { examples, wholeNumber } from './options.ts';
import type { PlanFlags } from './tunnel/plans.ts';

export interface TunnelFlags extends PlanFlags {
  readonly stage?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly open?: boolean;
  readonly readyFile?: string;
  readonly usePlugin?: boolean;
  readonly json?: boolean;
}

export interface TunnelOptions extends TunnelFlags {
  readonly targets: readonly string[];
  /** What stands after `--`; empty: stay until Ctrl-C. */
  readonly command: readonly string[];
}

const DESCRIPTION =
  'Open a port of this computer that leads to the private servers, through Session Manager: no public address, ' +
  'no plugin, no AWS CLI. Stays open over lost connections until Ctrl-C; with a command after -- until that ends.';

export function registerTunnel(parent: Command, ctx: Context, exit: Exit, run = runTunnel): void {
  const port = wholeNumber(1, 65_535);
  const command = parent
    .command('tunnel [targets...]')
    .summary('Open the dashboard or a database that has no public address.')
    .description(DESCRIPTION)
    .usage('[options] <shiny|dwh|webdb>... [-- <command>...]')
    .option('--stage <name>', 'which copy of the platform (SBW_STAGE; default: dev)')
    .option('--region <name>', 'AWS region (AWS_REGION)')
    .option('--profile <name>', 'AWS profile (AWS_PROFILE)')
    .option('--instance <id>', 'this instance, such as i-0123456789abcdef0')
    .option('--port <port>', 'port of this computer: this one or none', port)
    .option('--remote-port <port>', "port of the instance (default: the target's, or --port)", port)
    .option('--remote-host <host>', 'a host that the instance can reach, instead of itself')
    .option('--bind <address>', 'address of this computer to listen on', '127.0.0.1')
    .option('--i-understand', 'allow a --bind that others in the network can reach')
    .option('--open', 'show the dashboard in the browser')
    .option('--ready-file <file>', 'written when the tunnel is up, removed at the end')
    .option('--sessions <count>', 'spread connections over so many sessions', wholeNumber(1, 16), 1)
    .option('--message-bytes <bytes>', 'largest message to the agent', wholeNumber(1024, 65_536), 1024)
    .option('--keep-alive', 'keep the session from its idle limit')
    .option('--no-proof', 'do not wait for an answer from behind the tunnel')
    .option('--document <name>', 'session document of your own')
    .option('--parameter <name=value>', 'of --document; may be repeated', collect, [])
    .option('--use-plugin', "have AWS's session-manager-plugin carry the data")
    .option('--json', 'print one JSON object per event on stdout, see docs/tunnel.md')
    .addHelpText(
      'after',
      examples(
        'sbw tunnel shiny --open',
        'sbw tunnel shiny dwh webdb',
        'sbw tunnel webdb -- psql clickstream_web',
        'sbw tunnel --instance i-0123456789abcdef0 --port 8080',
      ),
    )
    .action(async (args: string[], flags: TunnelFlags) => {
      exit.code = await run(ctx, { ...flags, ...splitArguments(command, args) });
    });
}

/** Returns the exit code. */
export async function runTunnel(ctx: Context, options: TunnelOptions): Promise<number> {
  await checkFlags(options);
  const [{ planTunnels }, { openProven }, renderer] = await Promise.all([
    import('./tunnel/plans.ts'),
    import('../tunnel/open-proven.ts'),
    rendererFor(ctx, options),
  ]);
  const { stage, region, profile } = await readProjectConfig(ctx.config, options);
  const world = await ctx.openTunnelWorld({ region: region.value, profile: profile.value });
  const plans = await planTunnels(world.directory, stage.value, options.targets, options);
  if (options.usePlugin) return (await import('./tunnel/plugin.ts')).runPlugin(ctx, world, plans[0]!);
  const { stop } = ctx.interrupts;
  const open: ProvenTunnel[] = [];
  try {
    for (const plan of plans) {
      if (stop.aborted) return interruptedCode(stop);
      open.push(await openProven(world, plan, renderer.emitFor(plan), stop));
    }
    return await use(ctx, world, open, options);
  } catch (error) {
    // What fails because the operator has left is no failure.
    if (stop.aborted) return interruptedCode(stop);
    throw error;
  } finally {
    if (options.readyFile !== undefined) await world.readyFile.remove(options.readyFile);
    const ports = open.map(({ tunnel }) => tunnel.port);
    const summaries = await Promise.all(open.map(({ tunnel }) => tunnel.close()));
    renderer.closed(summaries.map((summary, index) => ({ port: ports[index]!, summary })));
  }
}

/** Until the command ends, or the operator has seen enough: that is the normal end. */
async function use(
  ctx: Context,
  world: TunnelWorld,
  open: readonly ProvenTunnel[],
  { command, readyFile, open: wantsBrowser, json }: TunnelOptions,
): Promise<number> {
  const { stop } = ctx.interrupts;
  const { environmentFor, readyText } = await import('./tunnel/ready.ts');
  if (readyFile !== undefined) await world.readyFile.write(readyFile, readyText(open));
  if (wantsBrowser) {
    const page = open.find(({ url }) => url.startsWith('http'));
    if (page !== undefined) await world.programs.openBrowser(page.url);
  }
  if (command.length > 0) return world.programs.run(command, environmentFor(open), stop);
  if (!json) ctx.terminal.result(open.map(({ url }) => url).join('\n'));
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  return 0;
}

async function rendererFor(ctx: Context, { json }: TunnelOptions): Promise<TunnelRenderer> {
  if (json) {
    const { renderTunnelJson } = await import('../terminal/tunnel/tunnel-json.ts');
    return renderTunnelJson(ctx.terminal, ctx.clock);
  }
  const { renderTunnel } = await import('../terminal/tunnel/render-tunnel.ts');
  return renderTunnel(ctx.terminal, ctx.clock);
}

async function checkFlags(options: TunnelOptions): Promise<void> {
  if (options.usePlugin) return (await import('./tunnel/plugin.ts')).checkPluginFlags(options);
  if (!options.json || options.command.length === 0) return;
  throw new SbwError('TUNNEL_FLAGS_INVALID', 'stdout belongs to the command after --.', {
    kind: 'usage',
    fix: 'leave --json out',
  });
}

/** Stopped before the tunnel was up: a script must not take that for success. */
function interruptedCode({ reason }: AbortSignal): number {
  return reason === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
}

/** commander puts what stands before and after `--` into one list; what was typed tells them apart. */
function splitArguments(
  command: Command,
  args: readonly string[],
): Pick<TunnelOptions, 'targets' | 'command'> {
  let root: Command = command;
  while (root.parent !== null) root = root.parent;
  const { rawArgs } = root as Command & { readonly rawArgs: readonly string[] };
  const at = rawArgs.indexOf('--');
  const after = at < 0 ? 0 : rawArgs.length - at - 1;
  const border = args.length - after;
  return { targets: args.slice(0, border), command: args.slice(border) };
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}
