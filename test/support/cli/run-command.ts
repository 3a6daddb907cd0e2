/** Runs one command line in this process against a home of its own, and says what it printed and how it ended. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../../src/kernel/clock.ts';
import { runCli } from '../../../src/cli/run.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly terminal?: boolean;
  /** Sees stdout as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface TestHome extends Disposable {
  readonly path: string;
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandRun>;
}

/** The daemon is never started: what needs one finds the test's server on the socket, or exit 6. */
export function createTestHome(): TestHome {
  const path = mkdtempSync(join(tmpdir(), 'drover-cli-'));
  mkdirSync(join(path, 'run'));
  return {
    path,
    run: (argv, options = {}) => runIn(path, argv, options),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

async function runIn(home: string, argv: readonly string[], options: CommandOptions): Promise<CommandRun> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      printed[name] += text;
      if (name === 'stdout') options.onOutput?.(text);
      return true;
    },
    once: () => {},
    isTTY: options.terminal ?? false,
    columns: 80,
  });
  const code = await runCli({
    argv,
    env: { DROVER_HOME: home, DROVER_AUTOSTART: '0', PATH: '/usr/bin:/bin', ...options.env },
    cwd: options.cwd ?? home,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    readInput: () => Promise.resolve(options.input ?? ''),
    clock: systemClock,
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, ...printed };
}
