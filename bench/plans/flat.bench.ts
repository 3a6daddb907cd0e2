/**
 * Many small commands that wait for nothing, beside the tools that do the same. Each appends its id to a log.
 * Run: `npm run bench -- plans/flat [--tasks 10000] [--rounds 3]`.
 */

import { numberFrom, roundsFrom } from '../support.ts';
import { sideBySide } from './side-by-side.ts';

const count = numberFrom(process.argv, '--tasks', 2_000);
const ids = Array.from({ length: count }, (_, at) => `t${at}`);

await sideBySide({
  title: 'flat',
  rounds: roundsFrom(process.argv),
  jobs: (log) => ids.map((id) => ({ id, command: `echo ${id} >>${log}`, after: [] })),
  plan: (log) => ({
    tasks: [{ id: 'each', foreach: '{PLAN_PATH}/items.json:items', command: `echo {ITEM.id} >>${log}` }],
    files: { 'items.json': JSON.stringify({ items: ids.map((id) => ({ id })) }) },
  }),
  // Seconds per rule in one Snakefile of thousands.
  without: count > 500 ? ['snakemake -j2'] : [],
});
