import type { Servers } from '../../ports/deploy/pipeline.ts';
import { StackFailure } from '../diagnose/failure.ts';

const LINES = 20;
/** Failures of a server that was made and did not become what it should. */
const HOST_CODES = new Set(['HOST_NOT_READY', 'HOST_SILENT']);

/**
 * What the server itself shows, when it was a server that failed. Whatever goes wrong here is told beside the cause,
 * never instead of it.
 */
export async function withEvidence(servers: Pick<Servers, 'console'>, error: Error): Promise<Error> {
  if (!(error instanceof StackFailure) || !HOST_CODES.has(error.code)) return error;
  const { failed, diagnosis } = error;
  const [serverId] = failed.serverIds;
  if (serverId === undefined) return error;
  try {
    const lines = (await servers.console(serverId)).split('\n').map((line) => line.trimEnd());
    const evidence = lines.filter((line) => line !== '').slice(-LINES);
    const evidenceProblem = evidence.length === 0 ? `the console of ${serverId} shows nothing` : '';
    return new StackFailure(failed, { ...diagnosis, evidence, evidenceProblem });
  } catch (cause) {
    const evidenceProblem = `the console of ${serverId} cannot be read: ${(cause as Error).message}`;
    return new StackFailure(failed, { ...diagnosis, evidenceProblem });
  }
}
