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

/** `onError` is told why no shell can be started. */
export function createLauncherShell(
  bash: string,
  [records, bootId]: readonly [records: string, bootId: string],
  onError: (reason: string) => void,
): LauncherShell {
  let shell: (ChildProcess & { stdin: Writable }) | null = null;

  const start = (): ChildProcess & { stdin: Writable } => {
    // --norc: a bash whose stdin is a socket takes itself for a remote login.
    const started = spawn(bash, ['--norc', '-pc', LAUNCH_SCRIPT, LAUNCHER_NAME, records, bootId], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const gone = (): void => void (shell = shell === started ? null : shell);
    started.once('exit', gone);
    started.once('error', (error) => {
      gone();
      onError(error.message);
    });
    started.stdin.on('error', gone);
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
