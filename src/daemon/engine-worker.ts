/**
 * The process of an embedded engine: `node engine-worker.js --model FILE --port N …`, key in DROVER_ENGINE_KEY. Reads
 * the command line, wires signals and the clock to the worker, and says on stderr why it ends.
 */

import { asAppError } from '../contract/errors.ts';
import { parseWorkerOptions, runWorker, workerBuild } from '../engines/embedded/worker/index.ts';
import { isoTime, systemClock } from '../kernel/index.ts';

function log(line: string): void {
  process.stderr.write(`${isoTime(systemClock.now())} ${line}\n`);
}

/** Runs a worker in this process until it is told to end. Resolves to the exit code. */
export async function runEngineWorker(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  try {
    const options = parseWorkerOptions(argv, {
      key: process.env['DROVER_ENGINE_KEY'],
      callbackToken: process.env['DROVER_CALLBACK_TOKEN'],
    });
    await runWorker(options, { clock: systemClock, build: workerBuild(), log, stop: stop.signal });
    return 0;
  } catch (thrown) {
    const error = asAppError(thrown);
    // One line, and the last: it is what a supervisor shows.
    log(`error ${error.code}: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`);
    return error.exitCode;
  }
}

if (process.argv[1]?.endsWith('engine-worker.js') === true) process.exit(await runEngineWorker(process.argv.slice(2)));
