import type { Terminal } from '../../context.ts';
import type { TunnelEvent } from '../../tunnel/events.ts';
import type { TunnelRenderer } from './render-tunnel.ts';

/** One JSON object per line on stdout for everything that happens: `sbw.tunnel-event/1` of docs/tunnel.md. */
export function renderTunnelJson(terminal: Terminal, clock: { now(): Date }): TunnelRenderer {
  const say = (event: string, fields: Record<string, unknown>): void =>
    terminal.result(
      JSON.stringify({ schema: 'sbw.tunnel-event/1', at: clock.now().toISOString(), event, ...fields }),
    );
  return {
    emitFor: (plan) => (event) =>
      say(event.type, { target: plan.name, instance_id: plan.instance.id, ...eventToJson(event) }),
    closed: (tunnels) => {
      for (const { port, summary } of tunnels) {
        say('closed', {
          port,
          duration_ms: Math.round(summary.durationMs),
          connections: summary.connections,
          bytes_sent: summary.bytesSent,
          bytes_received: summary.bytesReceived,
        });
      }
    },
  };
}

export function eventToJson(event: TunnelEvent): Record<string, unknown> {
  switch (event.type) {
    case 'port_taken':
      return { port: event.port, owner: event.owner };
    case 'ready':
      return { host: event.host, port: event.port, url: event.url, answered_ms: round(event.answeredMs) };
    case 'diagnosed':
      return { checks: event.checks };
    case 'session_opened':
      return {
        session_id: event.sessionId,
        agent_version: event.agentVersion,
        one_connection: event.isBasic,
      };
    case 'dropped':
      return { session_id: event.sessionId, reason: event.reason };
    case 'resumed':
      return { session_id: event.sessionId, gap_ms: round(event.gapMs) };
    case 'session_ended':
      return { session_id: event.sessionId, ...errorToJson(event), renewing: event.isRenewing };
    case 'session_left':
      return { session_id: event.sessionId, ...errorToJson(event) };
    case 'retrying':
    case 'unavailable':
    case 'target_refused':
      return errorToJson(event);
    case 'slow_reader':
      return { unread_bytes: event.unreadBytes };
    case 'queued':
      return { waiting: event.waiting };
    case 'small_messages':
      return {};
    case 'message':
      return { text: event.text };
  }
}

function errorToJson({ error }: { error: { code: string; message: string; fix: string | undefined } }): {
  code: string;
  message: string;
  fix: string | null;
} {
  return { code: error.code, message: error.message, fix: error.fix ?? null };
}

function round(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
