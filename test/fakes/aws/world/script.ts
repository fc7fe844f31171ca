/** One request as the fake saw it. */
export interface Call {
  /** From 1, over all services. */
  readonly number: number;
  /** `cloudformation:CreateChangeSet` */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** In the fake's world. */
  readonly at: Date;
}

/** What goes wrong with a call, by a name that every service spells in its own way, or exactly as given. */
export type ScriptedError =
  | 'access-denied'
  | 'throttled'
  | 'expired-credentials'
  | 'unavailable'
  | { readonly code: string; readonly message: string; readonly status?: number };

export interface Failure {
  /** `ec2:DeleteVpc`; `*` stands for any rest: `ec2:*`, `*`. */
  readonly action: string;
  readonly error: ScriptedError;
  /** Once, unless told otherwise. */
  readonly times?: number;
  /** Calls that match are let through first. */
  readonly after?: number;
  readonly when?: (input: Readonly<Record<string, unknown>>) => boolean;
}

/** The connection breaks before the call is done, or after it was done and before the answer arrives. */
export type Cut = 'reset' | 'lost-answer';

/** Runs before a call is done; may end the client that waits for it. */
export type CallHook = (call: Call) => Cut | void | Promise<Cut | void>;

/** What CloudFormation meets when it works on a resource. */
export interface ResourceFailure {
  readonly during: 'create' | 'update' | 'delete';
  /** Logical id or type; all that are given must match. */
  readonly logicalId?: string;
  readonly type?: string;
  readonly stackName?: string;
  readonly message: string;
  readonly times?: number;
}

/** What a test has arranged to happen, and what did happen. */
export class Script {
  readonly calls: Call[] = [];
  readonly #failures: { failure: Failure; skip: number; left: number }[] = [];
  readonly #resourceFailures: { failure: ResourceFailure; left: number }[] = [];
  readonly #denied = new Set<string>();
  readonly #hooks: CallHook[] = [];

  fail(failure: Failure): void {
    this.#failures.push({ failure, skip: failure.after ?? 0, left: failure.times ?? 1 });
  }

  failResource(failure: ResourceFailure): void {
    this.#resourceFailures.push({ failure, left: failure.times ?? 1 });
  }

  /** For the caller and for what CloudFormation does in its name, until `allow`. */
  deny(action: string): void {
    this.#denied.add(action);
  }

  allow(action: string): void {
    this.#denied.delete(action);
  }

  isDenied(action: string): boolean {
    return [...this.#denied].some((pattern) => matches(pattern, action));
  }

  onCall(hook: CallHook): () => void {
    this.#hooks.push(hook);
    return () => {
      this.#hooks.splice(this.#hooks.indexOf(hook), 1);
    };
  }

  async see(call: Call): Promise<Cut | null> {
    this.calls.push(call);
    let cut: Cut | null = null;
    for (const hook of [...this.#hooks]) cut = (await hook(call)) ?? cut;
    return cut;
  }

  /** The error that this call gets by script; null for none. */
  errorFor(action: string, input: Readonly<Record<string, unknown>>): ScriptedError | null {
    for (const entry of this.#failures) {
      const { failure } = entry;
      if (!matches(failure.action, action) || entry.left === 0 || failure.when?.(input) === false) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      return failure.error;
    }
    return this.isDenied(action) ? 'access-denied' : null;
  }

  resourceFailureFor(
    during: ResourceFailure['during'],
    resource: { logicalId: string; type: string; stackName: string },
  ): string | null {
    const found = this.#resourceFailures.find(
      ({ failure, left }) =>
        left > 0 &&
        failure.during === during &&
        (['logicalId', 'type', 'stackName'] as const).every(
          (name) => failure[name] === undefined || failure[name] === resource[name],
        ),
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found.failure.message;
  }
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}
