/** What is in a VPC, always asked by the VPC's id. Implemented by adapters/aws/networks.ts. */

export interface Vpc {
  readonly id: string;
  /** The account's own: never ours. */
  readonly isDefault: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** An elastic network interface (ENI). */
export interface NetworkCard {
  readonly id: string;
  readonly description: string;
  /** `available` when nothing uses it. */
  readonly status: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
}

/** Anything that keeps a VPC from being deleted, or costs money in it. */
export interface VpcContent {
  readonly kind: VpcContentKind;
  readonly id: string;
  /** The Name tag, or what AWS says about it. */
  readonly name: string;
}

export type VpcContentKind =
  'instance' | 'network-card' | 'endpoint' | 'internet-gateway' | 'security-group' | 'subnet' | 'route-table';

export interface Volume {
  readonly id: string;
  readonly gigabytes: number;
}

export interface Networks {
  /** Null when there is no such VPC. */
  describeVpc(id: string): Promise<Vpc | null>;
  listCards(vpcId: string): Promise<readonly NetworkCard[]>;
  /** False while something uses it; true also when it is gone already. */
  deleteCard(id: string): Promise<boolean>;
  /** Without what goes with the VPC itself: its default group and main route table. Empty when it is gone. */
  listContents(vpcId: string): Promise<readonly VpcContent[]>;
  /** Those of the ids that exist. */
  listVolumes(ids: readonly string[]): Promise<readonly Volume[]>;
}
