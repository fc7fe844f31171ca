// What the visitor chose: kept in the URL, so that a bookmark or a link shows the same page. The server checks it all.

/** First is the default and is left out of the URL. */
const DEFAULTS = {
  tab: 'overview',
  range: '7',
  from: '',
  to: '',
  compare: 'on',
  login: '',
  by: '',
  value: '',
  find: '',
  metric: 'visitors',
  sort: 'views',
  split: 'category',
  bots: 'off',
  lang: '',
};

/** @param {string} search as in location.search; unknown members are ignored */
export function parseState(search) {
  const given = new URLSearchParams(search);
  return Object.fromEntries(Object.entries(DEFAULTS).map(([key, usual]) => [key, given.get(key) ?? usual]));
}

/** @returns {string} '' or '?range=30&...' */
export function formatState(state) {
  const kept = Object.entries(state).filter(([key, value]) => key in DEFAULTS && value !== DEFAULTS[key]);
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
