import { Basic } from '../carrier/basic.ts';
import type { Carrier, CarrierEvents } from '../carrier/carrier.ts';
import { Mux } from '../carrier/mux.ts';
import type { Clock } from '../ports.ts';
import { speaksMux } from '../version.ts';
import { answerHandshake, parseHandshakeRequest } from '../wire/handshake.ts';

const MUX_TYPE = 'LocalPortForwarding';

/** What both sides have agreed on in the handshake. */
export interface Agreement {
  readonly agentVersion: string;
  readonly isMux: boolean;
}

/** The agent's request, answered: exactly once in a session, since a second answer stops the agent for ever. */
export interface Greeting extends Agreement {
  readonly response: Buffer;
  /** Why there will be no session; null: there will. */
  readonly refusal: string | null;
}

/** Null when the request cannot be read. */
export function greet(payload: Buffer): Greeting | null {
  const request = parseHandshakeRequest(payload);
  if (request === null) return null;
  const answer = answerHandshake(request);
  const { agentVersion } = request;
  return {
    agentVersion,
    isMux: answer.forwardingType === MUX_TYPE && speaksMux(agentVersion),
    response: answer.payload,
    refusal: answer.refusal,
  };
}

export function carrierFor({ isMux }: Agreement, clock: Clock, events: CarrierEvents): Carrier {
  return isMux ? new Mux(clock, events) : new Basic(clock, events);
}
