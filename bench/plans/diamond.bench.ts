/**
 * A diamond: one command, then many that wait for it, then one that waits for all of them.
 * Run: `npm run bench -- plans/diamond [--tasks 1000] [--rounds 3]`.
 */

import { numberFrom, roundsFrom } from '../support.ts';
import { sideBySide } from './side-by-side.ts';

const width = numberFrom(process.argv, '--tasks', 1_000);
const middle = Array.from({ length: width }, (_, at) => `t${at}`);

await sideBySide({
  title: 'diamond',
  rounds: roundsFrom(process.argv),
  jobs: (log) => [
    { id: 'first', command: `echo first >>${log}`, after: [] },
    ...middle.map((id) => ({ id, command: `echo ${id} >>${log}`, after: ['first'] })),
    { id: 'last', command: `echo last >>${log}`, after: middle },
  ],
  without: width > 500 ? ['snakemake -j2'] : [],
});
