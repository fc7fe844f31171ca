// Small tools in cards: chart as table, copying a command, trying again.
import { askAgain } from './shiny-link.js';

function toggleTable(button) {
  const chart = button.closest('.card')?.querySelector('sbw-chart');
  if (!chart) return;
  chart.toggle();
  button.setAttribute('aria-pressed', String(Boolean(chart.isTable)));
}

async function copy(button) {
  await navigator.clipboard.writeText(button.previousElementSibling.textContent);
  const before = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = before), 1500);
}

export function startCardTools() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (button?.dataset.do === 'table') toggleTable(button);
    if (button?.dataset.do === 'copy') void copy(button);
    if (button?.dataset.do === 'again') askAgain();
    if (button?.dataset.do === 'reload') location.reload();
  });
}

/** After a card was drawn anew: what was opened in it holds still. */
export function restoreTools(output) {
  const card = output.closest('.card');
  const button = card?.querySelector('[data-do=table][aria-pressed=true]');
  if (button) card.querySelector('sbw-chart')?.toggle();
}
