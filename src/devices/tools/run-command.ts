/**
 * Asks a program for a short answer. A program that is not installed is an answer, one that fails or hangs is an
 * error. A program that even SIGKILL cannot end (a driver that hangs) is asked no second time.
 */

import { execa } from 'execa';

import type { Clock } from '../../kernel/index.ts';

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/** Null when there is no such program. Rejects when it fails, in its own words. */
export type RunCommand = (file: string, args: readonly string[], signal: AbortSignal) => Promise<Answer | null>;

const TIMEOUT_MS = 10_000;
/** Longer answers are no answers of these tools. */
const MOST_BYTES = 8 * 1024 * 1024;

export function createRunCommand(clock: Clock, timeoutMs: number = TIMEOUT_MS): RunCommand {
  const unended = new Map<string, number>();
  const count = (file: string, change: number): unknown => unended.set(file, (unended.get(file) ?? 0) + change);

  return async (file, args, signal) => {
    if ((unended.get(file) ?? 0) > 0) throw new Error(`${file}: an earlier call has not ended`);
    const running = execa(file, args, {
      reject: false,
      stdin: 'ignore',
      killSignal: 'SIGKILL',
      cancelSignal: signal,
      maxBuffer: MOST_BYTES,
    });
    count(file, 1);
    const ended = running.finally(() => count(file, -1));
    const deadline = deadlineAfter(clock, timeoutMs);
    const result = await Promise.race([ended, deadline.passed]);
    deadline[Symbol.dispose]();
    if (result === 'late') {
      running.kill('SIGKILL');
      throw new Error(`${file}: no answer within ${timeoutMs} ms`);
    }
    if (result.code === 'ENOENT') return null;
    if (result.failed) throw new Error(`${file}: ${complaintOf(result)}`, { cause: result });
    return { stdout: result.stdout, stderr: result.stderr };
  };
}

function deadlineAfter(clock: Clock, ms: number): Disposable & { readonly passed: Promise<'late'> } {
  let timer: Disposable | null = null;
  const passed = new Promise<'late'>((resolve) => (timer = clock.after(ms, () => resolve('late'))));
  return { passed, [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

/** Some of these tools complain on stdout. */
function complaintOf(result: Answer & { readonly shortMessage?: string | undefined }): string {
  const said = result.stderr.trim() || result.stdout.trim() || result.shortMessage || 'it failed';
  return said.split('\n')[0]?.slice(0, 200) ?? '';
}
