import * as sdk from '@aws-sdk/client-ssm';
import { SbwError } from '../../../errors.ts';
import type { Grant, SessionApi } from '../../../tunnel/ports.ts';
import { toSbwError } from '../../aws/aws-errors.ts';

/** Settings for one client; made anew for each call, with credentials that nobody has kept. */
export type ClientSettings = (timeoutMs: number) => sdk.SSMClientConfig;

const START_TIMEOUT_MS = 20_000;
const RESUME_TIMEOUT_MS = 10_000;
const TERMINATE_TIMEOUT_MS = 2000;

/** Session Manager through the SDK. A call is made once: whoever waits for a tunnel decides what to try again. */
export function openSessionApi(settings: ClientSettings, profile: string | undefined): SessionApi {
  async function call<T>(
    action: string,
    timeoutMs: number,
    work: (client: sdk.SSMClient) => Promise<T>,
  ): Promise<T> {
    const client = new sdk.SSMClient({ ...settings(timeoutMs), maxAttempts: 1 });
    try {
      return await work(client);
    } catch (error) {
      throw hasEnded(error) ? error : (refusalOf(error) ?? toSbwError(error, { action, profile }));
    } finally {
      client.destroy();
    }
  }
  return {
    start: ({ target, document, parameters, reason }, abortSignal) =>
      call('ssm:StartSession', START_TIMEOUT_MS, async (client) => {
        const answer = await client.send(
          new sdk.StartSessionCommand({
            Target: target,
            DocumentName: document,
            Parameters: Object.fromEntries(
              Object.entries(parameters).map(([name, values]) => [name, [...values]]),
            ),
            Reason: reason,
          }),
          { abortSignal },
        );
        const grant = grantOf(answer);
        if (grant?.streamUrl != null) return grant;
        throw new SbwError('AWS_CALL_FAILED', 'ssm:StartSession answers without a session.');
      }),

    resume: (sessionId, abortSignal) =>
      call('ssm:ResumeSession', RESUME_TIMEOUT_MS, async (client) =>
        // Without a token the session has timed out.
        grantOf(await client.send(new sdk.ResumeSessionCommand({ SessionId: sessionId }), { abortSignal })),
      ).catch((error: unknown) => {
        if (hasEnded(error)) return null;
        throw error;
      }),

    terminate: (sessionId, abortSignal) =>
      call('ssm:TerminateSession', TERMINATE_TIMEOUT_MS, async (client) => {
        await client.send(new sdk.TerminateSessionCommand({ SessionId: sessionId }), { abortSignal });
      }).catch((error: unknown) => {
        if (!hasEnded(error)) throw error;
      }),
  };
}

/** This name and no other: a host that cannot be resolved is "not found" too, and ends no session. */
function hasEnded(error: unknown): boolean {
  return (error as Error).name === 'DoesNotExistException';
}

function grantOf(answer: sdk.StartSessionResponse): Grant | null {
  const { SessionId: sessionId, TokenValue: token, StreamUrl: streamUrl } = answer;
  if (!sessionId || !token) return null;
  return { sessionId, token, streamUrl: streamUrl || null };
}

/** What only Session Manager says. */
function refusalOf(error: unknown): SbwError | null {
  const { name, message } = error as Error;
  switch (name) {
    case 'TargetNotConnected':
      return new SbwError('TUNNEL_NOT_CONNECTED', 'The SSM agent of the instance is not connected.', {
        kind: 'environment',
        cause: error,
      });
    case 'InvalidDocument':
      return new SbwError('TUNNEL_DOCUMENT_INVALID', `There is no such session document: ${message}`, {
        kind: 'environment',
        fix: 'check --document and the region',
        cause: error,
      });
    case 'AccessDeniedException':
      return denial(message, error);
  }
  if (!/remote hosts? (is|are) not supported/i.test(message)) return null;
  return new SbwError('TUNNEL_REMOTE_HOST_UNSUPPORTED', 'The SSM agent is too old for --remote-host.', {
    kind: 'environment',
    fix: 'update the SSM agent of the instance to 3.1.1374.0 or later',
    cause: error,
  });
}

/** The message names the resource, and that tells which of the two statements is missing. */
function denial(message: string, cause: unknown): SbwError | null {
  const document = /arn:[\w-]+:ssm:[\w-]*:\d*:document\/[\w.:/-]+/.exec(message)?.[0];
  const instance = /(?:managed-)?instance\/([\w-]+)/.exec(message)?.[1];
  const fix =
    document === undefined
      ? `allow ssm:StartSession on the instance ${instance ?? ''}; a condition on tags must fit it`
      : `allow ssm:StartSession on the document too: ${document} (documents of AWS have no account id, and a condition on tags must not cover them)`;
  if (document === undefined && instance === undefined) return null;
  return new SbwError('AWS_ACCESS_DENIED', `May not call ssm:StartSession on ${document ?? instance}.`, {
    kind: 'environment',
    fix,
    cause,
  });
}
