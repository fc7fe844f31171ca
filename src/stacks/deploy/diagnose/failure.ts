import { SbwError } from '../../../errors.ts';
import type { Diagnosis } from './diagnose.ts';

/** Which stack failed, and how it stands now. */
export interface FailedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  /** CloudFormation refused before it touched anything. */
  readonly isUntouched: boolean;
  /** Servers that it had started, by id: their consoles may tell more. */
  readonly serverIds: readonly string[];
}

/** A stack that did not become what it should. `code` is the diagnosis's, for scripts. */
export class StackFailure extends SbwError {
  readonly failed: FailedStack;
  readonly diagnosis: Diagnosis;

  constructor(failed: FailedStack, diagnosis: Diagnosis) {
    super(diagnosis.code, `${failed.stackName}: ${diagnosis.headline}`, { fix: diagnosis.fix });
    this.failed = failed;
    this.diagnosis = diagnosis;
  }
}
