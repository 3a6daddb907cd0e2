/**
 * The shell that stands ready to fork watchers, so that a launch never forks this process: that costs more the larger
 * it is. Started at the first launch, replaced when it has gone; what it forked does not depend on it.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

import { LAUNCHER_NAME, LAUNCH_SCRIPT } from './launch-script.ts';

export interface LauncherShell {
  /** Forks a watcher for this id; its record tells what came of it. */
  request(id: string): void;
  /** The shell ends; watchers and programs go on. */
  close(): void;
}

export interface LauncherShellDeps {
  readonly bash: string;
  readonly records: string;
  readonly bootId: string;
  /** No shell can be started. */
  readonly onError: (reason: string) => void;
  /** The shell has died, perhaps with requests unread; asking again is safe. */
  readonly onGone: () => void;
}

export function createLauncherShell({ bash, records, bootId, onError, onGone }: LauncherShellDeps): LauncherShell {
  let shell: (ChildProcess & { stdin: Writable }) | null = null;

  const start = (): ChildProcess & { stdin: Writable } => {
    // --norc: a bash whose stdin is a socket takes itself for a remote login.
    const started = spawn(bash, ['--norc', '-pc', LAUNCH_SCRIPT, LAUNCHER_NAME, records, bootId], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    started.once('error', (error) => {
      if (shell === started) shell = null;
      onError(error.message);
    });
    started.once('exit', () => {
      if (shell !== started) return;
      shell = null;
      onGone();
    });
    // A write to a shell that has just died: its exit says all there is to say.
    started.stdin.on('error', () => {});
    started.unref();
    return started;
  };

  return {
    request(id) {
      shell ??= start();
      shell.stdin.write(`${id}\n`);
    },
    close() {
      shell?.stdin.end();
      shell = null;
    },
  };
}
