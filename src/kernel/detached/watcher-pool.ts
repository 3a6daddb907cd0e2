/**
 * The shells that stand ready, one per program that runs at a time: a launch forks a small shell, never this process,
 * which costs more the larger it is. A new one is started when all are busy, and one that has died is not missed.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

import { WATCHER_NAME, WATCHER_SCRIPT } from './launch-script.ts';

export interface WatcherPool {
  /** Gives the launch to an idle watcher; its record tells what came of it. */
  request(id: string): void;
  /** The launch of this id is over: its watcher is idle. */
  release(id: string): void;
  /** Nothing is known of this launch any more, nor of its watcher: it gets no other. */
  dismiss(id: string): void;
  /** Idle watchers end; the others do when their programs have. */
  close(): void;
}

export interface WatcherPoolDeps {
  readonly bash: string;
  readonly records: string;
  readonly bootId: string;
  /** No shell can be started. */
  readonly onError: (reason: string) => void;
  /** The watcher of this id has died, perhaps without having read the request; asking again is safe. */
  readonly onGone: (id: string) => void;
}

type Watcher = ChildProcess & { stdin: Writable };

export function createWatcherPool({ bash, records, bootId, onError, onGone }: WatcherPoolDeps): WatcherPool {
  const idle = new Set<Watcher>();
  const busy = new Map<string, Watcher>();

  const remove = (watcher: Watcher): readonly string[] => {
    idle.delete(watcher);
    const ids = [...busy].filter(([, other]) => other === watcher).map(([id]) => id);
    for (const id of ids) busy.delete(id);
    return ids;
  };

  const start = (): Watcher => {
    // --norc: a bash whose stdin is a socket takes itself for a remote login.
    const started = spawn(bash, ['--norc', '-pc', WATCHER_SCRIPT, WATCHER_NAME, records, bootId], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    started.once('error', (error) => {
      remove(started);
      onError(error.message);
    });
    started.once('exit', () => remove(started).forEach(onGone));
    // A write to a shell that has just died: its exit says all there is to say.
    started.stdin.on('error', () => {});
    started.unref();
    return started;
  };

  return {
    request(id) {
      const [standing] = idle;
      const watcher = standing ?? start();
      idle.delete(watcher);
      busy.set(id, watcher);
      watcher.stdin.write(`${id}\n`);
    },
    release(id) {
      const watcher = busy.get(id);
      if (watcher && busy.delete(id)) idle.add(watcher);
    },
    dismiss(id) {
      busy.get(id)?.stdin.end();
      busy.delete(id);
    },
    close() {
      for (const watcher of [...idle, ...busy.values()]) watcher.stdin.end();
      idle.clear();
      busy.clear();
    },
  };
}
