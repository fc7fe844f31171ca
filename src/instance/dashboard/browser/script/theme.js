// Dark or light: as the system says, until the visitor says otherwise. Loaded before the page is drawn.
const KEY = 'sbw-theme';

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const system = matchMedia('(prefers-color-scheme: dark)');

function apply() {
  const kept = read();
  const isKnown = kept === 'dark' || kept === 'light';
  document.documentElement.dataset.theme = isKnown ? kept : system.matches ? 'dark' : 'light';
}

apply();
system.addEventListener('change', apply);

document.addEventListener('click', (event) => {
  if (!event.target.closest('[data-do=theme]')) return;
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  document.documentElement.dataset.theme = next;
});
