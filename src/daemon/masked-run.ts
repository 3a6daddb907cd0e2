/** The process between a worker with secrets and its output files: `node masked-run.js PROGRAM ARGUMENT…`. */

import { runMasked } from '../agent/secrets/masked-run.ts';

await runMasked(process.argv.slice(2), process.env);
