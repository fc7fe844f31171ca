import type { Instance } from '../target/find-instance.ts';

/** What can be seen of the way to an instance. Null: the caller may not look, or it could not be read. */
export interface PathFacts {
  /** Undefined: there is no such instance. */
  readonly instance: Instance | null | undefined;
  readonly agent: AgentFacts | null | 'unregistered';
  /** Names of the policies attached to the instance's role. */
  readonly policies: readonly string[] | null;
  /** Interface endpoints of the instance's VPC. */
  readonly endpoints: readonly EndpointFacts[] | null;
  /** The instance's subnet has a route to the internet. */
  readonly hasDefaultRoute: boolean | null;
}

export interface AgentFacts {
  /** `Online`, `ConnectionLost`, `Inactive` */
  readonly ping: string;
  readonly version: string;
  readonly lastPingAt: Date | null;
}

export interface EndpointFacts {
  /** `ssm`, `ssmmessages`, `ec2messages` */
  readonly service: string;
  /** `available`, `pending` ... */
  readonly state: string;
  readonly hasPrivateDns: boolean;
  /** What its security groups let in; null: could not be read. */
  readonly ingress: readonly IngressRule[] | null;
  readonly securityGroupIds: readonly string[];
}

export interface IngressRule {
  /** `tcp`, `-1` for everything. */
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
  /** It names lists of networks, which are not read. */
  readonly hasPrefixLists: boolean;
  readonly securityGroupIds: readonly string[];
}

/** Looks. Never throws: what cannot be read is null. */
export interface Inspector {
  inspect(instanceId: string): Promise<PathFacts>;
}
