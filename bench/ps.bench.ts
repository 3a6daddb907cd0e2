/**
 * The wall time of `drover ps --json` on a warm daemon, a whole process, beside `node -e 0`, which no Node program can
 * beat. Run: `npm run bench -- ps [--rounds N]`.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { openHouse, ROOT } from '../test/support/house.ts';
import { median, printTable, roundsFrom } from './support.ts';

const RUNS_PER_ROUND = 5;

const rounds = roundsFrom(process.argv);
await using house = await openHouse();
await house.drover('models', 'demo');
await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
await house.drover('up', 'alpha');

const times = { ps: [] as number[], bare: [] as number[] };
for (let run = 0; run < rounds * RUNS_PER_ROUND; run++) {
  times.bare.push(timed(['-e', '0']));
  times.ps.push(timed([join(ROOT, 'bin/drover.js'), 'ps', '--json']));
}
printTable(`whole process, median of ${rounds * RUNS_PER_ROUND} interleaved runs`, [
  { what: 'node -e 0', ms: median(times.bare) },
  { what: 'drover ps --json', ms: median(times.ps) },
  { what: 'over node -e 0', ms: median(times.ps) - median(times.bare) },
]);

function timed(args: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, args, { env: house.env, stdio: 'ignore' });
  return performance.now() - started;
}
