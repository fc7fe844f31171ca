import { startAges } from './age.js';
import { startCardTools } from './card-tools.js';
import { watchConnection } from './connection.js';
import { startControls } from './controls.js';
import { startRedraw } from './redraw.js';
import { linkShiny } from './shiny-link.js';
import { startTabs } from './tabs.js';

linkShiny();
startControls();
startTabs();
startRedraw();
startCardTools();
startAges();
watchConnection();

// By far the largest part: neither the headline numbers nor Shiny's connection wait for it. Both are asked for at once,
// so that one need not come to name the other; a chart that is there already is drawn when they have come.
window.jQuery(document).one('shiny:connected', () => {
  void import('../library/plot.js');
  void import('../charts/chart.js');
});

window.jQuery.holdReady(false);
