import '../charts/chart.js';
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

window.jQuery.holdReady(false);
