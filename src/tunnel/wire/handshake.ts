import { CLIENT_VERSION } from '../version.ts';
import { isObject, parseObject, textIn } from './json.ts';

/** What the agent asks for when a session begins. */
export interface HandshakeRequest {
  readonly agentVersion: string;
  readonly actions: readonly RequestedAction[];
}

interface RequestedAction {
  readonly type: string;
  /** `Port` for port forwarding. */
  readonly sessionType: string;
  /** `LocalPortForwarding`, or '' for the SSH document. */
  readonly forwardingType: string;
}

const STATUS = { success: 1, failed: 2, unsupported: 3 } as const;

/** Null when it cannot be read. */
export function parseHandshakeRequest(payload: Buffer): HandshakeRequest | null {
  const request = parseObject(payload);
  const actions = request?.['RequestedClientActions'];
  if (!Array.isArray(actions)) return null;
  return { agentVersion: textIn(request, 'AgentVersion'), actions: actions.map(actionOf) };
}

function actionOf(action: unknown): RequestedAction {
  const fields = isObject(action) ? action : null;
  const parameters = fields?.['ActionParameters'];
  const session = isObject(parameters) ? parameters : null;
  const properties = session?.['Properties'];
  return {
    type: textIn(fields, 'ActionType'),
    sessionType: textIn(session, 'SessionType'),
    forwardingType: textIn(isObject(properties) ? properties : null, 'type'),
  };
}

export interface HandshakeAnswer {
  readonly payload: Buffer;
  /** `LocalPortForwarding`, or '' for the SSH document. */
  readonly forwardingType: string;
  /** What we could not agree to; the agent ends the session over it. Null: all well. */
  readonly refusal: string | null;
}

/** One entry per requested action, in their order; any status but success ends the session. */
export function answerHandshake(request: HandshakeRequest): HandshakeAnswer {
  const refusals: string[] = [];
  const processed = request.actions.map((action) => {
    const refusal = refuse(action);
    if (refusal !== null) refusals.push(refusal);
    const isUnknown = action.type !== 'SessionType' && action.type !== 'KMSEncryption';
    const failure = isUnknown ? STATUS.unsupported : STATUS.failed;
    return {
      ActionType: action.type,
      ActionStatus: refusal === null ? STATUS.success : failure,
      ActionResult: null,
      Error: refusal ?? '',
    };
  });
  const answer = { ClientVersion: CLIENT_VERSION, ProcessedClientActions: processed, Errors: null };
  return {
    payload: Buffer.from(JSON.stringify(answer)),
    forwardingType: request.actions.find(({ type }) => type === 'SessionType')?.forwardingType ?? '',
    refusal: refusals[0] ?? null,
  };
}

function refuse({ type, sessionType }: RequestedAction): string | null {
  if (type === 'KMSEncryption') return 'encryption with a KMS key is not supported for port forwarding';
  if (type !== 'SessionType') return `action ${JSON.stringify(type.slice(0, 60))} is not supported`;
  if (sessionType === 'Port') return null;
  return `session type ${JSON.stringify(sessionType.slice(0, 60))} is not supported`;
}

/** What the account's administrator has to say to everybody who connects; '' for nothing. */
export function customerMessage(payload: Buffer): string {
  return textIn(parseObject(payload), 'CustomerMessage');
}

/** The first frame of a connection, text. Holds the token: never log it. */
export function openMessage(token: string, requestId: string, clientId: string): string {
  return JSON.stringify({
    MessageSchemaVersion: '1.0',
    RequestId: requestId,
    TokenValue: token,
    ClientId: clientId,
    ClientVersion: CLIENT_VERSION,
  });
}

/** Why the service closes the channel, in its words; often ''. */
export function closedOutput(payload: Buffer): string {
  return textIn(parseObject(payload), 'Output');
}
