/**
 * A chain: each command waits for the one before, so that nothing is measured but the way from an end to the next start.
 * Run: `npm run bench -- plans/chain [--tasks 1000] [--rounds 3]`.
 */

import { numberFrom, roundsFrom } from '../support.ts';
import { sideBySide } from './side-by-side.ts';

const count = numberFrom(process.argv, '--tasks', 1_000);

await sideBySide({
  title: 'chain',
  rounds: roundsFrom(process.argv),
  jobs: (log) =>
    Array.from({ length: count }, (_, at) => ({
      id: `t${at}`,
      command: `echo t${at} >>${log}`,
      after: at === 0 ? [] : [`t${at - 1}`],
    })),
  without: count > 500 ? ['snakemake -j2'] : [],
});
