/**
 * One line of the function's log, as JSON. Written past the console, whose lines the runtime wraps: CloudWatch would
 * not find metrics in them. Never secrets, and nothing that a visitor sent.
 */
export function log(entry: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}
