// An output's HTML is replaced whole when it is drawn anew; the keyboard's place in it must not be lost.
import { reflect } from './controls.js';
import { restoreTools } from './card-tools.js';

let held = null;

function keyOf(element) {
  return element.dataset.set ?? element.dataset.do ?? null;
}

/** What is gone, as a filter that was taken away, leaves the keyboard at the numbers that it changed. */
function focusAgain(output, key) {
  const same = [...output.querySelectorAll('[data-set], [data-do]')].find((e) => keyOf(e) === key);
  (same ?? document.getElementById('main')).focus({ preventScroll: !same });
}

export function startRedraw() {
  const { jQuery } = window;
  jQuery(document).on('shiny:value', ({ target }) => {
    const focused = document.activeElement;
    held = target.contains(focused)
      ? { output: target, key: keyOf(focused), isChart: focused.tagName === 'svg' }
      : held;
  });
  const observer = new MutationObserver((changes) => {
    const outputs = new Set(
      changes.map(({ target }) => target).filter((t) => t.matches('.shiny-html-output')),
    );
    for (const output of outputs) {
      reflect(output);
      restoreTools(output);
      if (held?.output !== output) continue;
      const { key, isChart } = held;
      held = null;
      if (isChart) output.querySelector('sbw-chart')?.focus();
      else if (key) focusAgain(output, key);
    }
  });
  for (const output of document.querySelectorAll('.shiny-html-output'))
    observer.observe(output, { childList: true });
}
