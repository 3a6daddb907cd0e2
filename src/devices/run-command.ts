/** Asks a vendor's tool. A tool that is not installed is an answer, a tool that fails is an error. */

import { execa } from 'execa';

/** The tool's stdout; null when there is no such program on PATH. Rejects when it fails. */
export type RunCommand = (file: string, args: readonly string[], signal: AbortSignal) => Promise<string | null>;

const TOOL_TIMEOUT_MS = 15_000;

export const runCommand: RunCommand = async (file, args, signal) => {
  const result = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    timeout: TOOL_TIMEOUT_MS,
    cancelSignal: signal,
  });
  if (result.code === 'ENOENT') return null;
  if (result.failed) throw new Error(`${file}: ${result.stderr.trim() || result.shortMessage}`, { cause: result });
  return result.stdout;
};
