/** `drover ps --json` on a warm daemon, a whole process, beside `node -e 0`, which no Node program can beat. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from '../../test/support/house.ts';
import type { House } from '../../test/support/house.ts';
import { median } from '../support.ts';

export interface PsTimes {
  readonly bare: number;
  readonly ps: number;
}

/** Medians of interleaved runs, in ms. */
export function measurePs({ env }: House, runs: number): PsTimes {
  const times = { bare: [] as number[], ps: [] as number[] };
  for (let run = 0; run < runs; run++) {
    times.bare.push(timed(['-e', '0'], env));
    times.ps.push(timed([join(ROOT, 'bin/drover.js'), 'ps', '--json'], env));
  }
  return { bare: median(times.bare), ps: median(times.ps) };
}

function timed(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const started = performance.now();
  execFileSync(process.execPath, args, { env, stdio: 'ignore' });
  return performance.now() - started;
}
