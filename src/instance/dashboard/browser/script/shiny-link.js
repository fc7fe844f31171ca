// The state is one Shiny input: whatever changes at once is one message, and it is there at the first.
import { currentState, onChange } from './store.js';

let attempt = 0;

/** The tab is not sent: which outputs are shown is all that it means. */
function sent() {
  const state = { ...currentState(), attempt: String(attempt) };
  delete state.tab;
  // Without a choice in the URL the page speaks as the browser asked: its cards must speak the same.
  state.lang ||= document.documentElement.lang;
  return state;
}

export function linkShiny() {
  const { Shiny, jQuery } = window;
  const binding = new Shiny.InputBinding();
  Object.assign(binding, {
    find: (scope) => jQuery(scope).find('#state'),
    getValue: sent,
    subscribe(element, send) {
      onChange((state, changed) => changed.some((key) => key !== 'tab') && send(false));
      element.addEventListener('again', () => send(false));
    },
    unsubscribe() {},
  });
  Shiny.inputBindings.register(binding, 'sbw.state');
}

/** Asks the server for everything once more, after a failure. */
export function askAgain() {
  attempt += 1;
  document.getElementById('state').dispatchEvent(new Event('again'));
}
