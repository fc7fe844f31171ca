import type { Inspector } from './diagnosis/facts.ts';
import type { Grant, SessionRequest } from './ports.ts';
import type { Directory } from './target/find-instance.ts';
import type { TunnelDeps } from './tunnel.ts';

/** What answers at the local end of a tunnel. Each try of its own connection; rejects when nothing does. */
export interface Probe {
  /** @returns the status of the answer */
  http(address: Address, path: string, signal: AbortSignal): Promise<number>;
  /** Resolves when a PostgreSQL server answers. @throws SbwError TUNNEL_NOT_POSTGRES */
  postgres(address: Address, signal: AbortSignal): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Programs of this machine. */
export interface Programs {
  /**
   * Runs a command on our terminal with these variables added to the environment. Our own interruption is passed on
   * to it.
   * @returns its exit code; 128 and the signal's number when a signal ended it
   * @throws SbwError COMMAND_NOT_STARTED
   */
  run(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    interrupted: AbortSignal,
  ): Promise<number>;
  /** The official plugin as the tunnel, until it ends or is interrupted. @throws SbwError PLUGIN_MISSING */
  runPlugin(session: PluginSession, interrupted: AbortSignal): Promise<number>;
  /** Shows a page; never throws. */
  openBrowser(url: string): Promise<void>;
  /** `R (pid 4121)`; null when it cannot be found out. */
  portOwner(port: number): Promise<string | null>;
}

export interface PluginSession {
  readonly grant: Grant;
  readonly request: SessionRequest;
}

/** A file that says that the tunnel is up, for as long as it is. */
export interface ReadyFile {
  /** Whole or not at all. @throws SbwError READY_FILE_UNWRITABLE */
  write(path: string, text: string): Promise<void>;
  /** Never throws. */
  remove(path: string): Promise<void>;
}

/** Everything a tunnel needs of the outside, for one account and region. Built in src/adapters/tunnel/world.ts. */
export interface TunnelWorld {
  readonly region: string;
  readonly connections: Omit<TunnelDeps, 'emit'>;
  readonly directory: Directory;
  readonly inspector: Inspector;
  readonly probe: Probe;
  readonly programs: Programs;
  readonly readyFile: ReadyFile;
}
