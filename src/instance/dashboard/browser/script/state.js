// What the visitor chose: kept in the URL, so that a bookmark or a link shows the same page. The server checks it all.

/** As in logic/state.R, where a test holds them against each other. First is the default and is left out of the URL. */
const CHOICES = {
  tab: ['overview', 'funnel', 'products', 'time', 'sessions', 'live', 'quality'],
  range: ['7', 'today', '30', '90', 'custom'],
  compare: ['on', 'off'],
  login: ['', 'logged_in', 'anonymous'],
  by: ['', 'product', 'category', 'brand'],
  metric: ['visitors', 'sessions', 'page_views', 'conversion', 'bounce', 'duration'],
  sort: ['views', 'adds', 'sales', 'cart_rate', 'conversion', 'at_risk'],
  split: ['category', 'brand', 'product', 'login'],
  bots: ['off', 'on'],
  lang: ['', 'en', 'vi'],
};
const MAX_CHARS = { value: 512, find: 100 };

const TEXTS = {
  from: dayOf,
  to: dayOf,
  value: (text) => cut(text, MAX_CHARS.value),
  find: (text) => cut(text.trim(), MAX_CHARS.find),
};

const KEYS = [...Object.keys(CHOICES), ...Object.keys(TEXTS)];
const usualOf = (key) => CHOICES[key]?.[0] ?? '';

/** By whole characters, as R counts. */
function cut(text, length) {
  return [...text.replaceAll('\0', '')].slice(0, length).join('');
}

/** A day that there is, or ''. */
function dayOf(text) {
  if (!/^(19|20)\d\d-\d\d-\d\d$|^2100-\d\d-\d\d$/.test(text)) return '';
  const time = Date.parse(text);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text) ? '' : text;
}

/**
 * A state that the server would take as it is: what is shown as chosen is what is drawn.
 * @param {string} search as in location.search; unknown members are ignored
 */
export function parseState(search) {
  const given = new URLSearchParams(search);
  const state = {};
  for (const [key, choices] of Object.entries(CHOICES))
    state[key] = choices.includes(given.get(key)) ? given.get(key) : choices[0];
  for (const [key, read] of Object.entries(TEXTS)) state[key] = read(given.get(key) ?? '');
  if (state.by === '' || state.value === '') Object.assign(state, { by: '', value: '' });
  if (state.range === 'custom' && (state.from === '' || state.to === '')) state.range = CHOICES.range[0];
  return state;
}

/** @returns {string} '' or '?range=30&...' */
export function formatState(state) {
  const kept = Object.entries(state).filter(([key, value]) => KEYS.includes(key) && value !== usualOf(key));
  const text = new URLSearchParams(kept).toString();
  return text === '' ? '' : `?${text}`;
}

/** What the page shows of a state: visitors of one item are not kept, so the big chart is of its sessions. */
export function shownState(state) {
  return state.by !== '' && state.metric === 'visitors' ? { ...state, metric: 'sessions' } : state;
}

/** True when each member of `part` is as in `state`. */
export function holds(state, part) {
  return Object.entries(part).every(([key, value]) => state[key] === value);
}
