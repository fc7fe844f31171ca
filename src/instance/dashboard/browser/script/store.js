import { formatState, holds, parseState } from './state.js';

const listeners = new Set();
let state = parseState(location.search);

/** The present choice; see state.js. */
export const currentState = () => state;

/** Calls `listener(state, changedKeys)` after every change. */
export function onChange(listener) {
  listeners.add(listener);
}

/**
 * Changes some members. A new tab or range can be undone with the browser's back button.
 * @param {{isTyping?: boolean}} how typing is not undone letter by letter
 */
export function change(part, { isTyping = false } = {}) {
  if (holds(state, part)) return;
  const changed = Object.keys(part).filter((key) => part[key] !== state[key]);
  state = { ...state, ...part };
  const url = `${location.pathname}${formatState(state)}`;
  if (isTyping) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  tell(changed);
}

function tell(changed) {
  for (const listener of listeners) listener(state, changed);
}

window.addEventListener('popstate', () => {
  const before = state;
  state = parseState(location.search);
  tell(Object.keys(state).filter((key) => state[key] !== before[key]));
});
