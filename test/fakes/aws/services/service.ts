import type { World } from '../world/world.ts';

export type Protocol = 'query' | 'ec2' | 'json' | 'rest-json' | 'rest-xml';

export interface Caller {
  readonly accessKeyId: string;
}

/**
 * By the action's name. Input and output are those of the SDK's command; both are checked against the SDK's model.
 * `never` lets every action name its own input.
 */
export type Actions = Readonly<Record<string, (input: never, world: World, caller: Caller) => unknown>>;

/** One AWS service: how it speaks and what it can do. */
export interface Service {
  /** As in IAM actions: `cloudformation`. */
  readonly name: string;
  /** As in signatures: `cloudformation`, `monitoring`. */
  readonly signingName: string;
  readonly protocol: Protocol;
  readonly xmlns: string;
  /** Answers to any region: IAM, STS. */
  readonly isGlobal?: boolean;
  /** The SDK's client, for its model. */
  client(): Promise<object>;
  readonly actions: Actions;
}
