/** The `drover` process: hands the world to one run of the command line and leaves with its exit code. */

import { setMaxListeners } from 'node:events';

import { EXIT } from '../contract/exit-codes.ts';
import { systemClock } from '../kernel/clock.ts';
import { runCli } from './run.ts';

const interrupted = new AbortController();
// A command on all instances has a call for each of them under way.
setMaxListeners(0, interrupted.signal);

/** The first Ctrl-C ends what runs, the second the process. */
function onInterrupt(): void {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
  interrupted.abort(new Error('interrupted'));
}

/** A reader that has seen enough, such as `head`, is no failure. */
function onOutputError(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
}

async function readInput(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

export async function main(argv: readonly string[]): Promise<void> {
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  process.exitCode = await runCli({
    argv,
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    readInput,
    clock: systemClock,
    signal: interrupted.signal,
  });
  process.removeListener('SIGINT', onInterrupt);
  process.removeListener('SIGTERM', onInterrupt);
}
