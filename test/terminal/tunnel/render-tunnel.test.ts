import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { renderTunnel } from '../../../src/terminal/tunnel/render-tunnel.ts';
import { renderTunnelJson } from '../../../src/terminal/tunnel/tunnel-json.ts';
import type { TunnelEvent } from '../../../src/tunnel/events.ts';
import type { TunnelPlan } from '../../../src/tunnel/plan.ts';
import { unknownInstance } from '../../../src/tunnel/target/find-instance.ts';
import { fakeContext } from '../../support/context.ts';

const PLAN: TunnelPlan = {
  name: 'shiny',
  instance: { ...unknownInstance('i-0abc'), name: 'SBW_EC2_ShinyDWH', state: 'running' },
  forwarding: { instanceId: 'i-0abc', port: 3838, reason: '' },
  local: { host: '127.0.0.1', port: 3838, isStrict: false },
  proof: { kind: 'http', path: '/sbw_dashboard/' },
  isProven: true,
  sessions: 1,
  maxPayloadBytes: 1024,
  keepAlive: false,
};
const EXPIRED = new SbwError('AWS_CREDENTIALS_EXPIRED', 'Expired.', { fix: 'aws sso login' });
const REFUSED = new SbwError('TUNNEL_TARGET_REFUSED', 'No.', { fix: 'look' });
const OPENED: TunnelEvent = {
  type: 'session_opened',
  sessionId: 'me-1',
  agentVersion: '3.3.987.0',
  isBasic: false,
};
const DROPPED: TunnelEvent = { type: 'dropped', sessionId: 'me-1', reason: '1000 Bye' };
const RESUMED: TunnelEvent = { type: 'resumed', sessionId: 'me-1', gapMs: 4000 };
const RETRYING: TunnelEvent = { type: 'retrying', sessionId: 'me-1', error: EXPIRED };

function lines(...events: TunnelEvent[]): string[] {
  const ctx = fakeContext({ now: new Date('2026-01-02T08:52:10Z') });
  const renderer = renderTunnel(ctx.terminal, ctx.clock);
  const emit = renderer.emitFor(PLAN);
  for (const event of events) emit(event);
  assert.deepEqual(ctx.stdout, []);
  return ctx.stderr;
}

test('opening reads as three facts: where, which port, that it answers', () => {
  assert.deepEqual(
    lines(
      OPENED,
      { type: 'port_taken', port: 3838, owner: 'R (pid 4121)' },
      {
        type: 'ready',
        host: '127.0.0.1',
        port: 3839,
        url: 'http://127.0.0.1:3839/sbw_dashboard/',
        answeredMs: 400,
      },
    ),
    [
      'shiny   SBW_EC2_ShinyDWH i-0abc (running, agent 3.3.987.0)   session me-1',
      '  port 3838 is used by R (pid 4121), trying the next one',
      '  http://127.0.0.1:3839/sbw_dashboard/   answered in 0.4 s      ctrl-c to close',
    ],
  );
});

test('a drop is one line and its end another, however many tries lie between', () => {
  assert.deepEqual(lines(DROPPED, RETRYING, RETRYING, RETRYING, RESUMED, DROPPED, RETRYING), [
    '08:52:10 shiny connection lost (1000 Bye), restoring it',
    '08:52:10 shiny still trying: Expired.\n  fix    aws sso login',
    '08:52:10 shiny reconnected after 4.0 s',
    '08:52:10 shiny connection lost (1000 Bye), restoring it',
    '08:52:10 shiny still trying: Expired.\n  fix    aws sso login',
  ]);
});

test('a target that refuses again and again is one line', () => {
  const refused: TunnelEvent = { type: 'target_refused', error: REFUSED };
  assert.deepEqual(lines(refused, refused, refused), [
    '08:52:10 shiny TUNNEL_TARGET_REFUSED: No.\n  fix    look',
  ]);
});

test('what comes from the outside cannot write to the terminal', () => {
  const evil = '\u001b[2J\nfake line';
  const said = lines(
    { type: 'message', text: evil },
    { type: 'dropped', sessionId: evil, reason: evil },
    { type: 'port_taken', port: 1, owner: evil },
    { ...OPENED, sessionId: evil, agentVersion: evil },
    { type: 'unavailable', error: new SbwError('X', evil) },
    { type: 'session_left', sessionId: evil, error: new SbwError('X', evil) },
    { type: 'diagnosed', checks: [{ what: 'x', verdict: 'ok', detail: evil }] },
  );
  assert.equal(said.length, 7);
  for (const line of said) assert.doesNotMatch(line, /\u001b|\nfake/);
});

test('as JSON: a line per event, in snake_case, with the target', () => {
  const ctx = fakeContext({ now: new Date('2026-01-02T08:52:10Z') });
  const renderer = renderTunnelJson(ctx.terminal, ctx.clock);
  const emit = renderer.emitFor(PLAN);
  for (const event of [OPENED, DROPPED, RETRYING, RESUMED]) emit(event);
  renderer.closed([
    { port: 3838, summary: { durationMs: 1.4, connections: 2, bytesSent: 3, bytesReceived: 4 } },
  ]);
  const base = { schema: 'sbw.tunnel-event/1', at: '2026-01-02T08:52:10.000Z' };
  const of = { target: 'shiny', instance_id: 'i-0abc' };
  assert.deepEqual(
    ctx.stdout.map((line) => JSON.parse(line) as unknown),
    [
      {
        ...base,
        event: 'session_opened',
        ...of,
        session_id: 'me-1',
        agent_version: '3.3.987.0',
        one_connection: false,
      },
      { ...base, event: 'dropped', ...of, session_id: 'me-1', reason: '1000 Bye' },
      {
        ...base,
        event: 'retrying',
        ...of,
        code: 'AWS_CREDENTIALS_EXPIRED',
        message: 'Expired.',
        fix: 'aws sso login',
      },
      { ...base, event: 'resumed', ...of, session_id: 'me-1', gap_ms: 4000 },
      {
        ...base,
        event: 'closed',
        port: 3838,
        duration_ms: 1,
        connections: 2,
        bytes_sent: 3,
        bytes_received: 4,
      },
    ],
  );
});
