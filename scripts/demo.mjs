// `npm run demo`: from a fresh clone to numbers on the screen.
import { run, setUp } from './setup.mjs';

await setUp();
await run('node', ['scripts/build.mjs']);
await run('node', ['bin/sbw.js', 'local', 'demo', ...process.argv.slice(2)]);
