/** What keeps the platform working, and how teardown makes it rest. Implemented by adapters/aws/writers.ts. */

export interface FunctionDescription {
  readonly name: string;
  /** Empty outside of a VPC. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Lambda still works on the last change, and would give it up for the next. */
  readonly isUpdating: boolean;
  /** Why Lambda gave up the last change; '' when it did not. */
  readonly updateProblem: string;
}

export interface RuleDescription {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly targetIds: readonly string[];
}

export interface Writers {
  /** Null when there is no such function. */
  describeFunction(name: string): Promise<FunctionDescription | null>;
  /** Reserves no concurrency: every call is turned away. Fine when the function is gone. */
  stopInvocations(name: string): Promise<void>;
  /** Begins it; `describeFunction` tells when it is done. Fine when the function is gone. */
  leaveNetwork(name: string): Promise<void>;
  /** Null when there is no such rule. */
  describeRule(name: string): Promise<RuleDescription | null>;
  disableRule(name: string): Promise<void>;
  removeTargets(name: string, targetIds: readonly string[]): Promise<void>;
}
