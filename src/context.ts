import type { Config } from './config.ts';
import type { Clock, Database, ObjectStore } from './etl/ports.ts';
import type { Platform, PlatformOptions } from './stacks/ports/platform.ts';
import type { TunnelWorld } from './tunnel/world.ts';

/** Everything a command may touch outside its own memory. Built once in main.ts, faked in test/support. */
export interface Context {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly config: Config;
  readonly interrupts: Interrupts;
  /** Random, version 4. */
  newId(): string;
  /** @param url a directory or `s3://bucket[/prefix]` */
  openStore(url: string): Promise<ObjectStore>;
  /** @param url `postgres://user@host:port/database`; `name` shows up in pg_stat_activity. */
  openDatabase(url: string, name: string): Promise<Database>;
  /** AWS: the account and region of the environment, unless flags lead elsewhere. Close it when done. */
  openPlatform(options?: PlatformOptions): Promise<Platform>;
  /** The same for tunnels. */
  openTunnelWorld(options?: PlatformOptions): Promise<TunnelWorld>;
}

/**
 * stdout carries the answer, once; everything else goes to stderr. Nothing here redraws: live views are the
 * renderers' business (src/terminal).
 */
export interface Terminal {
  /** stderr is a terminal that can redraw (not a pipe, not TERM=dumb, not CI). */
  readonly isInteractive: boolean;
  /** Columns of stderr, 80 when unknown. */
  readonly width: number;
  /** stdout: the result. */
  result(text: string): void;
  /** stderr: progress, hints. Silent with --quiet. */
  info(text: string): void;
  /** stderr: warnings and errors, never silent. */
  error(text: string): void;
  /** stderr without a line break, for live views. Only call when `isInteractive`. */
  draw(text: string): void;
  /** Ask on stderr; false unless the operator says yes. Throws (usage) when nobody can answer. */
  confirm(question: string, flag: string): Promise<boolean>;
}

/** SIGINT, SIGTERM and SIGHUP, turned into something a command can wait for. */
export interface Interrupts {
  /** Aborted by the first signal: finish what runs, start nothing new. `reason` is the signal's name. */
  readonly stop: AbortSignal;
  /** Aborted by the second: leave at once. */
  readonly now: AbortSignal;
}
