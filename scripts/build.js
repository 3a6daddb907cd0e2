/**
 * `npm run build`: compiles everything into `dist/`, file by file, then what is started often into few files, since the
 * time of a start is the time to load it: the command line, of which each command is loaded when it is needed, and the
 * daemons with the small programs beside them.
 */

import { spawnSync } from 'node:child_process';

import { build } from 'rolldown';

import { bin, ROOT } from './run.js';

/** Packages stay where they are, but for the parser of the command line and what compiles `using` for Node 20. */
const PACKAGE = /^(?!@stricli\/|@oxc-project\/)@?[a-z][^:]*$/;

/** For the daemons also those that are many small files, with the packages that they import themselves. */
const DAEMON_PACKAGE = /^(?!@oxc-project\/|(?:kysely|zod|ajv|ajv-formats|execa|yaml)(?:\/|$))@?[a-z][^:]*$/;
const outsideDaemons = (id, importer = '') => DAEMON_PACKAGE.test(id) && !importer.includes('/node_modules/');

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
await build({
  cwd: ROOT,
  input: {
    controller: 'src/daemon/controller.ts',
    agent: 'src/daemon/agent.ts',
    'masked-run': 'src/daemon/masked-run.ts',
    // A thread of the store, found beside the code that starts it.
    worker: 'src/store/sqlite/worker.js',
  },
  platform: 'node',
  transform: { target: 'node20.19' },
  external: outsideDaemons,
  output: {
    dir: 'dist/daemon',
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'part-[name].js',
  },
});
// A file of its own, of what it needs alone: its start is a part of the submission of a large plan.
await build({
  cwd: ROOT,
  input: { 'plan-reader': 'src/daemon/plan-reader.ts' },
  platform: 'node',
  transform: { target: 'node20.19' },
  external: outsideDaemons,
  treeshake: { moduleSideEffects: false },
  output: {
    dir: 'dist/daemon',
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'reader-[name].js',
  },
});
process.exitCode = compiled.status ?? 1;

function builtProcess(id) {
  return { id: id.replace(/^.*\/daemon\/(.*)\.ts$/, '../daemon/$1.js'), external: true };
}
