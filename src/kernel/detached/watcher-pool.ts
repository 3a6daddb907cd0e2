/**
 * The shells that stand ready, one per program that runs at a time: a launch forks a small shell, never this process,
 * which costs more the larger it is. A new one is started when all are busy, one that has died is not missed, and one
 * that says anything of its own is not used again.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

import { WATCHER_NAME, WATCHER_SCRIPT } from './launch-script.ts';

export interface WatcherPool {
  /** Gives the launch to an idle watcher, or to a new one; its record tells what came of it. */
  request(launch: { readonly id: string; readonly text: string; readonly by: 'any' | 'new' }): void;
  /** The launch of this id is over: its watcher is idle, or goes if it was made for this launch alone. */
  release(id: string): void;
  /** Nothing is known of this launch any more, nor of its watcher: it gets no other. */
  dismiss(id: string): void;
  /** The watcher of this id has not answered: it is ended, which `onGone` tells. False when it has none. */
  abandon(id: string): boolean;
  /** True while the launch of this id has a watcher. */
  watches(id: string): boolean;
  /** Idle watchers end; the others do when their programs have. */
  close(): void;
}

interface WatcherPoolDeps {
  readonly bash: string;
  readonly records: string;
  readonly bootId: string;
  /** No shell can be started. */
  readonly onError: (reason: string) => void;
  /** The watcher of this id has died, perhaps without having read the request. */
  readonly onGone: (id: string) => void;
}

/** With `stdio` as below both are sockets. */
type Watcher = ChildProcess & { readonly stdin: Socket; readonly stderr: Socket };

export function createWatcherPool({ bash, records, bootId, onError, onGone }: WatcherPoolDeps): WatcherPool {
  const idle = new Set<Watcher>();
  const busy = new Map<string, Watcher>();
  /** They end after the launch they have. */
  const leaving = new WeakSet<Watcher>();

  const remove = (watcher: Watcher): readonly string[] => {
    idle.delete(watcher);
    const ids = [...busy].filter(([, other]) => other === watcher).map(([id]) => id);
    for (const id of ids) busy.delete(id);
    return ids;
  };

  const retire = (watcher: Watcher): void => {
    idle.delete(watcher);
    leaving.add(watcher);
    watcher.stdin.end();
  };

  const start = (): Watcher => {
    // --norc: a bash whose stdin is a socket takes itself for a remote login.
    const started = spawn(bash, ['--norc', '-pc', WATCHER_SCRIPT, WATCHER_NAME, bootId, records], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'pipe'],
    }) as ChildProcess as Watcher;
    started.once('error', (error) => {
      remove(started);
      onError(error.message);
    });
    started.once('exit', () => remove(started).forEach(onGone));
    // A write to a shell that has just died: its exit says all there is to say.
    started.stdin.on('error', () => {});
    started.stderr.on('data', () => retire(started));
    started.stderr.unref();
    started.unref();
    return started;
  };

  const standing = (): Watcher => {
    const [watcher] = idle;
    if (watcher) idle.delete(watcher);
    return watcher ?? start();
  };

  return {
    request({ id, text, by }) {
      const watcher = by === 'new' ? start() : standing();
      busy.set(id, watcher);
      watcher.stdin.write(text);
      if (by === 'new') retire(watcher);
    },
    release(id) {
      const watcher = busy.get(id);
      if (watcher && busy.delete(id) && !leaving.has(watcher)) idle.add(watcher);
    },
    dismiss(id) {
      const watcher = busy.get(id);
      if (watcher) retire(watcher);
      busy.delete(id);
    },
    abandon: (id) => busy.get(id)?.kill('SIGKILL') ?? false,
    watches: (id) => busy.has(id),
    close() {
      for (const watcher of [...idle, ...busy.values()]) retire(watcher);
      busy.clear();
    },
  };
}
