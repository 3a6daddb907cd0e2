/** Owns what a shell starts: one abort signal, and every promise that nobody awaits. */

export interface Scope extends AsyncDisposable {
  readonly signal: AbortSignal;
  /** Runs a task of this scope; a failure while the scope lives goes to `onError`. */
  run(task: () => Promise<void>): void;
  /** Registers what must be released, in reverse order, when the scope ends. */
  defer(release: () => void | Promise<void>): void;
  /** Aborts the signal, waits for the tasks, then releases. Idempotent. */
  close(): Promise<void>;
}

export function createScope(onError: (error: unknown) => void): Scope {
  const controller = new AbortController();
  const tasks = new Set<Promise<void>>();
  const releases: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | null = null;

  async function shutDown(): Promise<void> {
    controller.abort(new Error('scope closed'));
    await Promise.all(tasks);
    for (const release of releases.toReversed()) {
      try {
        await release();
      } catch (error) {
        onError(error);
      }
    }
  }

  const scope: Scope = {
    signal: controller.signal,
    run(task) {
      const running = task()
        .catch((error: unknown) => {
          if (!controller.signal.aborted) onError(error);
        })
        .finally(() => tasks.delete(running));
      tasks.add(running);
    },
    defer: (release) => void releases.push(release),
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => scope.close(),
  };
  return scope;
}
