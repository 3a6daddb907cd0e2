/** `npm run check`: format, lint, types, architecture and the fast tests. Run it before each commit. */

import { bin, run } from './run.js';

const steps = [
  ['format', bin('oxfmt'), ['--check']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['architecture and fast tests', bin('vitest'), ['run', '--project', 'unit', '--reporter=dot']],
];

let failed = 0;
for (const [title, file, args] of steps) {
  // The store's tests run on SQLite alone here; `npm test` runs them on PostgreSQL too.
  const result = await run(title, file, args, { quiet: true, env: { DROVER_TEST_POSTGRES: 'off' } });
  if (!result.ok) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
