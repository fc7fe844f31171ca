/**
 * What kind of failure; decides the exit code. Scripts match on `code`, never on message text.
 * The numbers are a contract with scripts: docs/exit-codes.md lists them for users.
 */
export type ErrorKind =
  | 'failed'
  | 'environment'
  | 'refused'
  | 'incomplete'
  | 'unbalanced'
  | 'timeout'
  | 'usage'
  | 'cancelled'
  | 'terminated';

export const EXIT_CODE: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  environment: 3,
  refused: 4,
  incomplete: 5,
  unbalanced: 6,
  timeout: 7,
  usage: 64,
  cancelled: 130,
  terminated: 143,
};

/** `--dry-run` found something to do, like `terraform plan -detailed-exitcode`. Nothing else uses it. */
export const EXIT_CHANGES_FOUND = 2;

/** An error we foresaw: it says what happened, why, and (in `fix`) what the operator can paste to go on. */
export class SbwError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly fix: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { kind?: ErrorKind; fix?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SbwError';
    this.code = code;
    this.kind = options.kind ?? 'failed';
    this.fix = options.fix;
  }
}
