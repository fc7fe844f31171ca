/** The running platform, as far as the smoke test and the schedule touch it. */
export interface Pipeline {
  /** Sends one request to the ingest door. `status` 0: nobody answered. */
  send(url: string, body: string): Promise<{ readonly status: number; readonly text: string }>;
  /** The raw object that holds `text`, among those below the prefix written since; null when there is none yet. */
  findRawObject(place: RawPlace, since: Date, text: string): Promise<RawObject | null>;
  /** For good, not only behind a marker. Fine when it is gone. */
  removeRawObject(bucket: string, object: RawObject): Promise<void>;
  /** Runs a function and waits for its answer. `error`: Lambda's word for a failure, else null. */
  invoke(
    functionName: string,
    payload: unknown,
  ): Promise<{ readonly payload: unknown; readonly error: string | null }>;
  enableRule(name: string): Promise<void>;
  disableRule(name: string): Promise<void>;
  /** Null when there is no such rule. */
  isRuleEnabled(name: string): Promise<boolean | null>;
}

export interface RawPlace {
  readonly bucket: string;
  readonly prefix: string;
}

export interface RawObject {
  readonly key: string;
  readonly versionId: string | null;
}

/** A server of ours, seen from outside. */
export interface Servers {
  /** Runs shell lines on it through the SSM agent; null when the agent is not there (yet). */
  run(instanceId: string, lines: readonly string[], waitSeconds: number): Promise<CommandResult | null>;
  /** True: it was terminated, and does not come back. One that is only stopped, or ends just now, is not gone. */
  isGone(instanceId: string): Promise<boolean>;
  /** What the serial console shows, the end last; '' when it shows nothing. */
  console(instanceId: string): Promise<string>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
