/** A dump of a whole PostgreSQL database in a file. Implemented by adapters/backup/pg-dump.ts. */
export interface DatabaseDump {
  /**
   * Writes the file, and reads its table of contents again. Never puts a password on a command line.
   *
   * @param url may hold a password
   * @throws SbwError DUMP_TOOL_MISSING (environment), DUMP_FAILED
   */
  dump(url: string, file: string): Promise<{ readonly bytes: number; readonly tables: number }>;
}
