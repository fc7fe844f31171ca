import type { Terminal } from '../context.ts';
import { EXIT_CODE, SbwError } from '../errors.ts';

/** The only place where an error becomes text and an exit code. */
export function printError(terminal: Pick<Terminal, 'error'>, error: unknown, debug: boolean): number {
  const known = error instanceof SbwError;
  const message = error instanceof Error ? error.message : String(error);
  terminal.error(known ? `error ${error.code}: ${message}` : `unexpected error: ${message}`);
  if (error instanceof Error && error.cause instanceof Error)
    terminal.error(`  cause  ${error.cause.message}`);
  if (known && error.fix !== undefined) terminal.error(`  fix    ${error.fix}`);
  if (debug && error instanceof Error && error.stack !== undefined) terminal.error(error.stack);
  if (!known && !debug)
    terminal.error('  this is a bug in sbw: run again with --debug and report the output');
  return known ? EXIT_CODE[error.kind] : EXIT_CODE.failed;
}
