import type { Terminal } from '../../context.ts';
import type { Check } from '../../tunnel/diagnosis/diagnose.ts';
import type { Emit, TunnelEvent, TunnelSummary } from '../../tunnel/events.ts';
import type { TunnelPlan } from '../../tunnel/plan.ts';
import { formatBytes, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

export interface TunnelRenderer {
  /** For the events of one tunnel. */
  emitFor(plan: TunnelPlan): Emit;
  /** After the end of all. */
  closed(tunnels: readonly { readonly port: number; readonly summary: TunnelSummary }[]): void;
}

/** The same trouble again within this time is not said again. */
const SAID_MS = 5000;
const VERDICT: Readonly<Record<Check['verdict'], string>> = { ok: 'ok', broken: 'NO', unknown: '?' };

/** Lines on stderr: what is open where, and what happens to it. A drop is one line, its end another. */
export function renderTunnel(terminal: Terminal, clock: { now(): Date }): TunnelRenderer {
  return {
    emitFor: (plan) => {
      const said = new Map<string, number>();
      return (event) => {
        const line = formatEvent(event, plan);
        if (line === null || isRepeated(said, event, clock.now().getTime())) return;
        const text = isLater(event) ? `${formatClock(clock.now())} ${line}` : line;
        if (isTrouble(event)) terminal.error(text);
        else terminal.info(text);
      };
    },
    closed: (tunnels) => {
      for (const { port, summary } of tunnels) terminal.info(formatClosed(port, summary));
    },
  };
}

export function formatEvent(event: TunnelEvent, plan: TunnelPlan): string | null {
  const name = paint.bold(oneLine(plan.name, 40));
  switch (event.type) {
    case 'session_opened':
      return formatSession(event, plan);
    case 'port_taken':
      return `  port ${event.port} is used by ${oneLine(event.owner ?? 'another program', 60)}, trying the next one`;
    case 'ready': {
      const answered = event.answeredMs === null ? '' : `   answered in ${formatDuration(event.answeredMs)}`;
      return `  ${paint.cyan(event.url)}${answered}      ctrl-c to close`;
    }
    case 'diagnosed':
      return event.checks.map(formatCheck).join('\n');
    case 'dropped':
      return `${name} connection lost (${oneLine(event.reason, 80)}), restoring it`;
    case 'resumed':
      return `${name} reconnected after ${formatDuration(event.gapMs)}`;
    case 'retrying':
      return event.error.fix === undefined
        ? null
        : `${name} still trying: ${oneLine(event.error.message)}\n  fix    ${oneLine(event.error.fix, 300)}`;
    case 'session_ended':
    case 'session_left':
    case 'unavailable':
    case 'target_refused':
      return formatError(name, event);
    case 'slow_reader':
      return `${name} a program was cut off: it had left ${formatBytes(event.unreadBytes)} unread`;
    case 'queued':
      return `${name} the SSM agent is old and carries one connection at a time: others wait (update it to 3.1.1512.0 or later)`;
    case 'small_messages':
      return `${name} large messages do not get through, using the usual size`;
    case 'message':
      return `${name} ${oneLine(event.text, 500)}`;
  }
}

function formatSession(
  { sessionId, agentVersion }: Extract<TunnelEvent, { type: 'session_opened' }>,
  { name, instance }: TunnelPlan,
): string {
  const known = [instance.state, `agent ${oneLine(agentVersion, 20)}`]
    .filter((text) => text !== '')
    .join(', ');
  const where = [instance.name, instance.id].filter((text) => text !== '').map((text) => oneLine(text, 60));
  return `${paint.bold(oneLine(name, 40))}   ${where.join(' ')} (${known})   session ${oneLine(sessionId, 96)}`;
}

function formatError(
  name: string,
  event: Extract<TunnelEvent, { type: 'session_ended' | 'session_left' | 'unavailable' | 'target_refused' }>,
): string {
  const next = event.type === 'session_ended' && event.isRenewing ? ' Opening another session.' : '';
  const fix = event.error.fix === undefined ? '' : `\n  fix    ${oneLine(event.error.fix, 300)}`;
  return `${name} ${event.error.code}: ${oneLine(event.error.message, 400)}${next}${fix}`;
}

function formatCheck({ what, verdict, detail }: Check): string {
  const mark = VERDICT[verdict].padEnd(2);
  return `  ${verdict === 'broken' ? paint.red(mark) : mark}  ${what}: ${oneLine(detail, 300)}`;
}

export function formatClosed(port: number, { durationMs, bytesSent, bytesReceived }: TunnelSummary): string {
  const bytes = formatBytes(bytesSent + bytesReceived);
  return `closed: session ended, port ${port} free        ${formatDuration(durationMs)}   ${bytes}`;
}

function isRepeated(said: Map<string, number>, event: TunnelEvent, nowMs: number): boolean {
  // A new outage may say the same again.
  if (event.type === 'resumed' || event.type === 'session_opened') said.clear();
  if (event.type !== 'retrying' && event.type !== 'target_refused') return false;
  const last = said.get(event.error.code);
  if (event.type === 'retrying' && last !== undefined) return true;
  if (last !== undefined && nowMs - last < SAID_MS) return true;
  said.set(event.error.code, nowMs);
  return false;
}

/** Things that happen while the operator looks elsewhere carry the time. */
function isLater({ type }: TunnelEvent): boolean {
  return !['session_opened', 'port_taken', 'ready', 'diagnosed', 'small_messages', 'message'].includes(type);
}

/** Said even with --quiet. */
function isTrouble({ type }: TunnelEvent): boolean {
  return [
    'session_ended',
    'session_left',
    'unavailable',
    'target_refused',
    'slow_reader',
    'diagnosed',
  ].includes(type);
}

/** `08:52:10`, UTC. */
function formatClock(now: Date): string {
  return now.toISOString().slice(11, 19);
}
