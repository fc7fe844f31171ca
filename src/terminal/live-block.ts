import type { Terminal } from '../context.ts';
import { fit } from './wrap.ts';

/** Five redraws a second: more is flicker, and a slow terminal would slow the work. */
const REDRAW_MS = 200;
const NARROWEST = 20;

export interface LiveBlock {
  /** Lines that stay, above the block. */
  print(lines: readonly string[]): void;
  /** The same for one that --quiet does not silence. */
  say(text: string): void;
  /** Takes the block away while somebody is asked something. */
  pause(): void;
  resume(): void;
  /** Removes the block. Call it in `finally`, before anything else is printed. */
  close(): void;
}

/**
 * Lines at the foot of a terminal that are drawn again and again. Where nothing can be redrawn there is no block, and
 * `print` prints.
 *
 * @param format the lines as they are now: plain text without line breaks; what is too long is cut off
 */
export function openLiveBlock(terminal: Terminal, format: () => readonly string[]): LiveBlock {
  let drawnLines = 0;
  let isPaused = false;
  const erase = (): void => {
    if (drawnLines > 0) terminal.draw(`\u001b[${drawnLines}A\u001b[0J`);
    drawnLines = 0;
  };
  const draw = (): void => {
    if (isPaused) return;
    const width = Math.max(NARROWEST, terminal.width - 1);
    const lines = format().map((line) => `${line.slice(0, width)}\n`);
    erase();
    terminal.draw(lines.join(''));
    drawnLines = lines.length;
  };
  const timer = terminal.isInteractive ? setInterval(draw, REDRAW_MS) : undefined;
  timer?.unref();
  return {
    print: (lines) => {
      if (lines.length === 0) return;
      erase();
      for (const line of lines) terminal.info(fit(terminal, line));
    },
    say: (text) => {
      erase();
      terminal.error(text);
    },
    pause: () => {
      isPaused = true;
      erase();
    },
    resume: () => {
      isPaused = false;
    },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}
