// Whatever carries data-set='{"range": "30"}' changes the state when clicked; when it is on already and has data-else,
// it sets that instead.
import { holds, shownState } from './state.js';
import { change, currentState, onChange } from './store.js';

function partOf(element) {
  const set = JSON.parse(element.dataset.set);
  const isOn = holds(currentState(), set);
  return isOn && element.dataset.else ? JSON.parse(element.dataset.else) : set;
}

/** Shows by aria-pressed what is chosen, before the server has answered. */
export function reflect(root = document) {
  const state = shownState(currentState());
  for (const element of root.querySelectorAll('[data-set][aria-pressed]')) {
    element.setAttribute('aria-pressed', String(holds(state, JSON.parse(element.dataset.set))));
  }
  for (const summary of root.querySelectorAll('.dates summary')) {
    summary.setAttribute('aria-pressed', String(state.range === 'custom'));
  }
}

function openDates(details) {
  const state = currentState();
  const [from, to] = details.querySelectorAll('input');
  const shown = document.querySelector('.period')?.dataset ?? {};
  from.value = state.from || shown.from || '';
  to.value = state.to || shown.to || '';
  from.focus();
}

function closeDates(details) {
  details.open = false;
  details.querySelector('summary').focus();
}

function chooseDates(details) {
  if (!details.querySelector('form').reportValidity()) return;
  const [from, to] = [...details.querySelectorAll('input')].map(({ value }) => value);
  closeDates(details);
  change({ range: 'custom', from, to });
}

const TYPING_MS = 250;

/** What is typed is asked for when the fingers rest. */
function startSearch() {
  let waiting;
  const inputs = () => document.querySelectorAll('[data-search]');
  const show = () => inputs().forEach((input) => (input.value = currentState().find));
  document.addEventListener('input', ({ target }) => {
    if (!target.matches('[data-search]')) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => change({ find: target.value.trim() }, { isTyping: true }), TYPING_MS);
  });
  window.addEventListener('popstate', show);
  show();
}

export function startControls() {
  startSearch();
  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-set]');
    if (target) change(partOf(target));
    for (const details of document.querySelectorAll('.dates[open]')) {
      if (!details.contains(event.target)) details.open = false;
    }
  });
  for (const details of document.querySelectorAll('.dates')) {
    details.addEventListener('toggle', () => details.open && openDates(details));
    details.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.matches('input')) chooseDates(details);
      if (event.key === 'Escape') closeDates(details);
    });
    details.querySelector('form button').addEventListener('click', () => chooseDates(details));
    details.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
  }
  onChange((state, changed) => {
    reflect();
    // Texts come from the server in one language; the page is asked for again.
    if (changed.includes('lang')) location.reload();
  });
  reflect();
}
