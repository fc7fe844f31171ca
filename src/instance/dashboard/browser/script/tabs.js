// Tabs after the WAI-ARIA pattern. A hidden panel's outputs are not computed: Shiny is told what is shown.
import { change, currentState, onChange } from './store.js';

const tabs = () => [...document.querySelectorAll('[role=tab]')];
const nameOf = (tab) => tab.id.slice('tab-'.length);

function show(name) {
  const chosen = tabs().find((tab) => nameOf(tab) === name) ?? tabs()[0];
  for (const tab of tabs()) {
    const isChosen = tab === chosen;
    const panel = document.getElementById(tab.getAttribute('aria-controls'));
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    if (panel.hidden !== isChosen) continue;
    panel.hidden = !isChosen;
    window.jQuery(panel).trigger(isChosen ? 'shown' : 'hidden');
  }
  document.body.dataset.tab = nameOf(chosen);
  chosen.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

export function startTabs() {
  document.querySelector('[role=tablist]').addEventListener('keydown', (event) => {
    const all = tabs();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    next.focus();
    change({ tab: nameOf(next) });
  });
  onChange((state, changed) => changed.includes('tab') && show(state.tab));
  show(currentState().tab);
}
