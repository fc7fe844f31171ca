import type { Clock } from '../../etl/ports.ts';
import type { Terminal } from '../../context.ts';

const REDRAW_MS = 100;

/** One line that is drawn again and again on a terminal; elsewhere nothing is shown. */
export function drawLine(terminal: Terminal, clock: Clock): { show(text: string): void; clear(): void } {
  let drawnAt = 0;
  return {
    show(text) {
      const now = clock.now().getTime();
      if (!terminal.isInteractive || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      terminal.draw(`\r\u001b[2K${text.slice(0, terminal.width - 1)}`);
    },
    clear() {
      if (terminal.isInteractive) terminal.draw('\r\u001b[2K');
    },
  };
}
