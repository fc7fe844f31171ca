/** What CloudFormation tells and does, in our words. Times are Dates in UTC. Implemented by adapters/aws/cloudformation.ts. */

export interface StackDescription {
  readonly name: string;
  /** ARN; names may be used again, ids never. */
  readonly id: string;
  /** As CloudFormation writes it: see stack-status.ts. */
  readonly status: string;
  readonly statusReason: string;
  readonly createdAt: Date;
  /** Null before the first update. */
  readonly updatedAt: Date | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly isTerminationProtected: boolean;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  /** `AWS::S3::Bucket` */
  readonly type: string;
  readonly status: string;
  readonly statusReason: string;
}

export interface StackEvent {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly at: Date;
  /** ClientRequestToken of the operation; '' when it had none. */
  readonly token: string;
}

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly changeSetName: string;
  readonly kind: 'CREATE' | 'UPDATE';
  /** Inline up to 51,200 bytes, else the URL of an object. */
  readonly template: { readonly body: string } | { readonly url: string };
  /** The full set, always: previous values hide changed defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove' | 'Import' | 'Dynamic';
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly replacement: 'True' | 'False' | 'Conditional';
  /** Delete, Retain, Snapshot and their combinations; '' when not told. */
  readonly policyAction: string;
  /** What changes: `Properties.ImageId`. */
  readonly details: readonly string[];
}

export interface ChangeSet {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly status: string;
  readonly statusReason: string;
  /** AVAILABLE when it can be executed. */
  readonly executionStatus: string;
  readonly changes: readonly ResourceChange[];
}

export interface DeleteRequest {
  /** Name or id. */
  readonly stack: string;
  readonly token: string;
  /** Logical ids to leave behind; CloudFormation takes it only from DELETE_FAILED. */
  readonly retain?: readonly string[];
}

/** Every method that names a stack takes its name or id; ids also reach deleted stacks. */
export interface CloudFormation {
  /** Null when there is no such stack (or, asked by name, only a deleted one). */
  describeStack(stack: string): Promise<StackDescription | null>;
  /** All stacks that are not deleted, whoever made them, all pages. */
  listStacks(): AsyncIterable<readonly StackDescription[]>;
  /** All pages. Empty for a stack that is gone. */
  listResources(stack: string): Promise<readonly StackResource[]>;
  /** Newest first, a page at a time: stop when you have seen enough. */
  events(stack: string): AsyncIterable<readonly StackEvent[]>;
  /** The template as it was sent. */
  template(stack: string): Promise<string>;

  createChangeSet(request: ChangeSetRequest): Promise<{ readonly id: string; readonly stackId: string }>;
  /** With all pages of changes; null when it is gone. */
  describeChangeSet(id: string): Promise<ChangeSet | null>;
  executeChangeSet(id: string, token: string): Promise<void>;
  /** Fine when it is gone already. */
  deleteChangeSet(id: string): Promise<void>;

  /** Fine when it is gone already. @throws SbwError STACK_PROTECTED (refused) */
  deleteStack(request: DeleteRequest): Promise<void>;
  cancelUpdate(stack: string, token: string): Promise<void>;
  continueRollback(stack: string, token: string, skip: readonly string[]): Promise<void>;
  protectStack(stack: string, isProtected: boolean): Promise<void>;

  /** @returns the id to ask `driftOf` with */
  detectDrift(stack: string): Promise<string>;
  /** Null while detection runs. */
  driftOf(detectionId: string): Promise<readonly ResourceDrift[] | null>;
}

export interface ResourceDrift {
  readonly stackId: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: 'MODIFIED' | 'DELETED';
  /** Paths of what differs, as `/SecurityGroupIngress/0`. */
  readonly differences: readonly {
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
  }[];
}
