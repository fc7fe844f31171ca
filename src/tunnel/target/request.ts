import { SbwError } from '../../errors.ts';
import type { SessionRequest } from '../ports.ts';

export interface Forwarding {
  readonly instanceId: string;
  readonly port: number;
  /** A host that the instance can reach; undefined: the instance itself. */
  readonly remoteHost?: string | undefined;
  /** A document of one's own, with its parameters. */
  readonly document?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** For the audit trail. */
  readonly reason: string;
}

const TO_INSTANCE = 'AWS-StartPortForwardingSession';
const TO_HOST = 'AWS-StartPortForwardingSessionToRemoteHost';
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$/;
const DOCUMENT = /^[\w.:/-]{3,128}$/;
const MAX_REASON = 256;

/** @throws SbwError TUNNEL_HOST_INVALID, TUNNEL_DOCUMENT_NAME_INVALID (usage) */
export function requestFor(forwarding: Forwarding): SessionRequest {
  const { instanceId, port, remoteHost, document } = forwarding;
  if (remoteHost !== undefined && !HOST_NAME.test(remoteHost)) {
    throw new SbwError('TUNNEL_HOST_INVALID', `${JSON.stringify(remoteHost)} is no host name or address.`, {
      kind: 'usage',
      fix: 'such as: --remote-host db.internal',
    });
  }
  if (document !== undefined && !DOCUMENT.test(document)) {
    throw new SbwError('TUNNEL_DOCUMENT_NAME_INVALID', `${JSON.stringify(document)} is no document name.`, {
      kind: 'usage',
      fix: `such as: --document ${TO_INSTANCE}`,
    });
  }
  // The local port is only echoed back by the agent. A document of one's own may not take it.
  const usual = {
    ...(remoteHost === undefined ? {} : { host: remoteHost }),
    portNumber: String(port),
    localPortNumber: '0',
  };
  const parameters = document === undefined ? usual : (forwarding.parameters ?? { portNumber: String(port) });
  return {
    target: instanceId,
    document: document ?? (remoteHost === undefined ? TO_INSTANCE : TO_HOST),
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    reason: forwarding.reason.slice(0, MAX_REASON),
  };
}
