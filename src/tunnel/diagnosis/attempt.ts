import type { SbwError } from '../../errors.ts';
import type { Check } from './diagnose.ts';

/**
 * The links that only the attempt itself can test, as far as `error` tells of them: the caller's permission, the
 * document, the target's port. Empty when it failed before them.
 *
 * @param target for people: `i-0abc port 3838`
 */
export function checkAttempt(error: SbwError, target: string): Check[] {
  const broken = (what: string, detail: string): Check => ({
    what,
    verdict: 'broken',
    detail,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  });
  switch (error.code) {
    case 'AWS_ACCESS_DENIED':
      return [broken('your permission', error.message)];
    case 'TUNNEL_UPGRADE_REFUSED':
      return [broken('your permission', 'the session may be started, its data channel may not be opened')];
    case 'TUNNEL_DOCUMENT_INVALID':
      return [broken('document', error.message)];
    case 'TUNNEL_TARGET_REFUSED':
      return [
        { what: 'your permission', verdict: 'ok', detail: 'a session was opened' },
        { what: 'document', verdict: 'ok', detail: 'the SSM agent took it' },
        broken('port', `nothing answers at ${target}`),
      ];
    default:
      return [];
  }
}

/** Whether the attempt has come as far as the agent: then all links before it are whole. */
export function reachedAgent({ code }: SbwError): boolean {
  return code === 'TUNNEL_TARGET_REFUSED';
}
