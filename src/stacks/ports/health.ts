/** How parts of a running stage are, as AWS tells. Nothing here changes anything. Implemented by adapters/aws/status/. */

export interface ServerState {
  /** `running`, `stopped`, `terminated`, ... */
  readonly state: string;
}

export interface AgentState {
  /** `Online`, `ConnectionLost`, `Inactive` */
  readonly ping: string;
  readonly version: string;
  /** Null when SSM does not tell. */
  readonly seenAt: Date | null;
}

/** An interface or gateway endpoint of a VPC. */
export interface Door {
  /** The last word of the service's name: `ssm`, `s3`. */
  readonly service: string;
  /** `available`, `pending`, `failed`, ... in lower case. */
  readonly state: string;
}

/** A rule of a security group that lets in the whole internet. */
export interface OpenRule {
  readonly group: string;
  /** `5432`, `0-65535`, `all ports` */
  readonly ports: string;
  /** `0.0.0.0/0` or `::/0` */
  readonly source: string;
}

export interface FunctionState {
  /** `Active`, `Inactive`, `Pending`, `Failed` */
  readonly state: string;
  /** `Successful`, `InProgress`, `Failed` */
  readonly lastUpdate: string;
  /** Why either failed; '' when nothing did. */
  readonly reason: string;
  /** Null: as much as the account has. 0: every call is turned away. */
  readonly reservedConcurrency: number | null;
}

export interface RuleState {
  readonly isEnabled: boolean;
  /** `rate(1 hour)` */
  readonly schedule: string;
  readonly targets: number;
}

export interface AlarmState {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Since when; null when CloudWatch does not tell. */
  readonly since: Date | null;
  readonly reason: string;
}

export interface Health {
  /** Null when there is no such server. */
  server(instanceId: string): Promise<ServerState | null>;
  /** EC2's own checks of machine and system: `ok`, `impaired`, `initializing`; null while it does not run. */
  serverChecks(instanceId: string): Promise<string | null>;
  /** Null when SSM never heard of it. */
  agent(instanceId: string): Promise<AgentState | null>;
  /** All pages. */
  doors(vpcId: string): Promise<readonly Door[]>;
  /** All pages, the VPC's default group too. */
  openRules(vpcId: string): Promise<readonly OpenRule[]>;
  /** Null when there is no such function. */
  lambda(name: string): Promise<FunctionState | null>;
  /** Null when there is no such rule. */
  rule(name: string): Promise<RuleState | null>;
  /** Those of the names that exist. */
  alarms(names: readonly string[]): Promise<readonly AlarmState[]>;
  /** Messages in a queue, whoever holds them; null when there is no such queue. */
  queued(queueUrl: string): Promise<number | null>;
  /** Sends an empty request, which the ingest refuses and forgets. `status` 0: nobody answered, `text` says why. */
  knock(url: string): Promise<{ readonly status: number; readonly text: string; readonly ms: number }>;
}
