#!/usr/bin/env node
/** Starts the command line from the built sources. CommonJS, as they are: Node starts it sooner (decision 003). */

const { existsSync } = require('node:fs');
const nodeModule = require('node:module');
const { join } = require('node:path');

const main = join(__dirname, '../dist/cli/main.cjs');
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error INTERNAL drover needs Node 20.19 or newer, and this is ${process.versions.node}\n`);
  process.stderr.write('hint: install a newer Node, or put one first on PATH\n');
  process.exitCode = 1;
} else if (existsSync(main)) {
  nodeModule.enableCompileCache?.();
  require(main).main(process.argv.slice(2));
} else {
  process.stderr.write('error INTERNAL drover is not built\nhint: run "npm run build"\n');
  process.exitCode = 1;
}
