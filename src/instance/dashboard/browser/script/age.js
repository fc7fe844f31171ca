// "12 min ago" counts on here, so that the server has nothing to do while nobody asks.

/** @returns {[string, number]} the word's key and its number */
export function ageOf(seconds) {
  if (seconds < 90) return ['now', 0];
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return ['minutes', minutes];
  const hours = Math.round(minutes / 60);
  return hours < 48 ? ['hours', hours] : ['days', Math.round(hours / 24)];
}

function update(words) {
  for (const element of document.querySelectorAll('[data-age-of]')) {
    const seconds = (Date.now() - Date.parse(element.dataset.ageOf)) / 1000;
    const [key, n] = ageOf(seconds);
    const text = words[key].replace('{n}', n);
    if (element.textContent !== text) element.textContent = text;
    const badge = element.closest('[data-stale-after]');
    if (badge) badge.dataset.stale = String(seconds > Number(badge.dataset.staleAfter));
  }
}

export function startAges() {
  const words = JSON.parse(document.getElementById('words').textContent);
  update(words);
  setInterval(() => document.hidden || update(words), 15_000);
  document.addEventListener('visibilitychange', () => update(words));
  window.jQuery(document).on('shiny:value', () => setTimeout(() => update(words)));
}
