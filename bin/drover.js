#!/usr/bin/env node
/** Starts the command line from the built sources. */

import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/cli/main.js', import.meta.url);

if (existsSync(main)) {
  module.enableCompileCache?.();
  await (await import(main.href)).main(process.argv.slice(2));
} else {
  process.stderr.write('error INTERNAL drover is not built\nhint: run "npm run build"\n');
  process.exitCode = 1;
}
