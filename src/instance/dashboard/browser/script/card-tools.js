// Small tools in cards: chart as table, copying a command, trying again.
import { reloadAnew } from './connection.js';
import { askAgain } from './shiny-link.js';

/** Charts come after the rest of the page: who asks early is answered when they are there. */
async function toggleTable(button) {
  await customElements.whenDefined('sbw-chart');
  const chart = button.closest('.card')?.querySelector('sbw-chart');
  if (!chart) return;
  chart.toggle();
  button.setAttribute('aria-pressed', String(Boolean(chart.isTable)));
}

const COPIED_MS = 1500;
const copying = new WeakMap();

async function copy(button) {
  await navigator.clipboard.writeText(button.previousElementSibling.textContent);
  // A second click must not take "Copied" for the button's own word.
  button.dataset.word ??= button.textContent;
  button.textContent = button.dataset.done;
  clearTimeout(copying.get(button));
  copying.set(
    button,
    setTimeout(() => (button.textContent = button.dataset.word), COPIED_MS),
  );
}

export function startCardTools() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (button?.dataset.do === 'table') void toggleTable(button);
    if (button?.dataset.do === 'copy') void copy(button);
    if (button?.dataset.do === 'again') askAgain();
    if (button?.dataset.do === 'reload') reloadAnew();
  });
}

/** After a card was drawn anew: what was opened in it holds still. */
export function restoreTools(output) {
  const card = output.closest('.card');
  const button = card?.querySelector('[data-do=table][aria-pressed=true]');
  if (button) card.querySelector('sbw-chart')?.toggle();
}
