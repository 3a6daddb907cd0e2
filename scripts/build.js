/**
 * `npm run build`: compiles the daemons and the client into `dist/`, file by file, and the command line into few files,
 * since a command's time is the time to load it. Parts of a command stay apart and are loaded when they are needed.
 */

import { spawnSync } from 'node:child_process';

import { build } from 'rolldown';

import { bin, ROOT } from './run.js';

/** Packages stay where they are, but for the parser of the command line and what compiles `using` for Node 20. */
const PACKAGE = /^(?!@stricli\/|@oxc-project\/)@?[a-z][^:]*$/;

/** Processes of their own, which the command line starts but never is. */
const PROCESSES = /\/daemon\/(?:controller|engine-worker)\.ts$/;

const compiled = spawnSync(bin('tsc'), ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
await build({
  cwd: ROOT,
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  transform: { target: 'node20.19' },
  external: PACKAGE,
  plugins: [{ name: 'processes', resolveId: { filter: { id: PROCESSES }, handler: builtProcess } }],
  output: {
    dir: 'dist/cli',
    format: 'cjs',
    cleanDir: true,
    sourcemap: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: { groups: [{ name: 'start', test: /\/src\/cli\/(?:main|context|format|output|table)\.ts$/ }] },
  },
});
process.exitCode = compiled.status ?? 1;

function builtProcess(id) {
  return { id: id.replace(/^.*\/daemon\/(.*)\.ts$/, '../daemon/$1.js'), external: true };
}
