#!/usr/bin/env node
// Starts dist/main.js and sets the exit code; nothing else. Plain old syntax, so that an old Node can read it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`sbw needs Node 20.17 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 3;
} else {
  const { main } = await import('../dist/main.js');
  process.exitCode = await main(process.argv.slice(2));
}
