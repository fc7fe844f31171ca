import { Writable } from 'node:stream';
import ora from 'ora';
import type { Terminal } from '../context.ts';

/**
 * Shows that `work` goes on: a spinner on a terminal, which leaves nothing behind; elsewhere the line once.
 */
export async function spin<T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> {
  if (!terminal.isInteractive) {
    terminal.info(text);
    return work();
  }
  const spinner = ora({
    text,
    spinner: 'line',
    color: false,
    isEnabled: true,
    discardStdin: false,
    // Hiding it hooks the process's signals, which are ours: see main.ts.
    hideCursor: false,
    stream: streamOf(terminal) as unknown as NodeJS.WriteStream,
  }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}

/** What ora needs of a tty, drawn through the terminal so that --quiet and the tests' terminal hold. */
function streamOf(terminal: Terminal): Writable {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      terminal.draw(chunk.toString());
      done();
    },
  });
  return Object.assign(stream, {
    isTTY: true,
    columns: terminal.width,
    cursorTo: (column: number) => terminal.draw(`\u001b[${column + 1}G`),
    clearLine: () => terminal.draw('\u001b[2K'),
    moveCursor: (_dx: number, dy: number) => terminal.draw(dy < 0 ? `\u001b[${-dy}A` : `\u001b[${dy}B`),
  });
}
