// `npm run demo`: from a fresh clone to numbers on the screen.
import { run, setUp } from './setup.mjs';

setUp();
run('node', ['scripts/build.mjs']);
run('node', ['bin/sbw.js', 'local', 'demo', ...process.argv.slice(2)]);
