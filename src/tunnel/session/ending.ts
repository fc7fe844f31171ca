import { SbwError } from '../../errors.ts';

const TOO_OLD = 'Plugin with name Port is not supported';

/** Why a session is over although nobody here closed it. */
export interface Ending {
  readonly error: SbwError;
  /**
   * Whether to open another one at once. Not when the account's rules or a person ended it: then the next connection
   * of a program opens it.
   */
  readonly isRenewable: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

/** The service's words when it closes a channel, and what they mean. */
const CLOSED: readonly Rule[] = [
  {
    pattern: /due to inactivity/i,
    code: 'TUNNEL_IDLE_TIMEOUT',
    message: 'Session Manager ended the session: nothing went through it for as long as the account allows',
    fix: 'it opens again with the next connection; the limit is "idle session timeout" in the Session Manager preferences, and --keep-alive keeps the session busy',
  },
  {
    pattern: /max(imum)? (session )?duration/i,
    code: 'TUNNEL_MAX_DURATION',
    message: 'Session Manager ended the session: it has lasted as long as the account allows',
    fix: 'it opens again with the next connection; the limit is "maximum session duration" in the Session Manager preferences',
  },
  {
    pattern: new RegExp(TOO_OLD, 'i'),
    code: 'TUNNEL_AGENT_TOO_OLD',
    message: 'The SSM agent of the instance is too old for port forwarding (2.3.672.0 is the first that can)',
    fix: 'update the SSM agent of the instance',
  },
  {
    pattern: /Forwarding to IP address \S+ is forbidden/i,
    code: 'TUNNEL_ADDRESS_FORBIDDEN',
    message:
      'The SSM agent does not forward to this address: instance metadata, the VPC resolver and the reserved addresses of the VPC are barred',
    fix: 'name another host with --remote-host',
  },
  {
    pattern: /CreateDataChannel failed/i,
    code: 'TUNNEL_AGENT_ROLE',
    message: "The instance's role lacks ssmmessages:CreateDataChannel, or its credentials have expired",
    fix: 'attach the policy AmazonSSMManagedInstanceCore to the role of the instance and restart its SSM agent',
  },
  {
    pattern: /Handshake timed out/i,
    code: 'TUNNEL_HANDSHAKE_TIMEOUT',
    message: 'The SSM agent did not get our answer to its handshake in time',
    fix: 'run the same command again; the connection is slow or loses much',
  },
];

const MAX_WORDS = 300;

/** @param words of `channel_closed`; often '' */
export function endingOf(words: string): Ending {
  const rule = CLOSED.find(({ pattern }) => pattern.test(words));
  if (rule !== undefined) return { error: errorOf(rule), isRenewable: false };
  const said = words.trim() === '' ? '' : `: ${words.trim().slice(0, MAX_WORDS)}`;
  const error = new SbwError('TUNNEL_SESSION_ENDED', `Session Manager ended the session${said}`, {
    kind: 'environment',
    fix: 'it opens again with the next connection',
  });
  return { error, isRenewable: false };
}

function errorOf({ code, message, fix }: Rule): SbwError {
  return new SbwError(code, `${message}.`, { kind: 'environment', fix });
}

/** Data without a handshake: such an agent knows shells only. */
export function agentTooOld(): Ending {
  return endingOf(TOO_OLD);
}

export function messageTooLarge(bytes: number): SbwError {
  return new SbwError('TUNNEL_MESSAGE_TOO_LARGE', `Messages of ${bytes} bytes do not arrive.`, {
    kind: 'environment',
    fix: 'leave --message-bytes out',
  });
}

/** The agent could not connect to the target. */
export function targetRefused(target: string): SbwError {
  return new SbwError('TUNNEL_TARGET_REFUSED', `The instance could not connect to ${target}.`, {
    kind: 'environment',
    fix: 'check that the server there runs and that its security group lets the instance in; the agent tells the reason in /var/log/amazon/ssm/amazon-ssm-agent.log',
  });
}

export function handshakeTimedOut(): SbwError {
  return new SbwError('TUNNEL_HANDSHAKE_TIMEOUT', 'The SSM agent did not begin the session within 30 s.', {
    kind: 'timeout',
    fix: 'restart the SSM agent or reboot the instance: it answers Session Manager but does nothing',
  });
}

export function handshakeRefused(why: string): SbwError {
  return new SbwError('TUNNEL_HANDSHAKE_REFUSED', `The session cannot begin: ${why}.`, {
    kind: 'environment',
  });
}

export function sessionGone(cause?: unknown): SbwError {
  return new SbwError('TUNNEL_SESSION_GONE', 'The session has ended while the connection was down.', {
    kind: 'environment',
    cause,
  });
}

export function resumeDenied(cause: unknown): SbwError {
  return new SbwError('TUNNEL_RESUME_DENIED', 'The caller may not resume its own sessions.', {
    kind: 'environment',
    fix: 'allow ssm:ResumeSession and ssm:TerminateSession on arn:aws:ssm:*:*:session/${aws:userid}-*; until then every reconnection breaks what is open',
    cause,
  });
}

export function sessionLeft(sessionId: string, cause: unknown): SbwError {
  const known = cause instanceof SbwError ? cause : null;
  const isDenied = known?.code === 'AWS_ACCESS_DENIED';
  const why = isDenied ? 'the caller may not call ssm:TerminateSession' : 'no answer to ssm:TerminateSession';
  return new SbwError(
    'TUNNEL_SESSION_LEFT',
    `Session ${sessionId} may stay open until its idle limit: ${why}.`,
    {
      kind: 'environment',
      fix: isDenied
        ? 'allow ssm:TerminateSession on arn:aws:ssm:*:*:session/${aws:userid}-*'
        : `aws ssm terminate-session --session-id ${sessionId}`,
      cause,
    },
  );
}

export function protocolBroken(what: string): SbwError {
  return new SbwError('TUNNEL_PROTOCOL_BROKEN', `The agent sends what makes no sense: ${what}.`);
}

export function agentSilent(): SbwError {
  return new SbwError(
    'TUNNEL_AGENT_SILENT',
    'The agent has not answered for minutes although the connection is up.',
    {
      kind: 'environment',
    },
  );
}

export function connectionLost(cause: unknown): SbwError {
  return new SbwError('TUNNEL_LOST', 'The connection to Session Manager could not be restored.', {
    kind: 'environment',
    fix: 'check the network and the credentials; the next connection tries again',
    cause,
  });
}
