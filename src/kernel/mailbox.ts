/** One writer per thing: messages posted by anybody, handled one after the other by one owner. */

interface Mailbox<M> {
  /** Never blocks and never throws; after `close` the message is dropped. */
  post(message: M): void;
  /** Resolves when all that was posted before has been handled. */
  idle(): Promise<void>;
  close(): void;
}

/** `handle` runs for one message at a time; what it throws goes to `onError` and the next message is handled. */
export function createMailbox<M>(
  handle: (message: M) => void | Promise<void>,
  onError: (error: unknown, message: M) => void,
): Mailbox<M> {
  const queue: M[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    for (let message = queue.shift(); message !== undefined && !closed; message = queue.shift()) {
      try {
        await handle(message);
      } catch (error) {
        onError(error, message);
      }
    }
    running = null;
  }

  return {
    post(message) {
      if (closed) return;
      queue.push(message);
      running ??= Promise.resolve().then(drain);
    },
    async idle() {
      while (running) await running;
    },
    close() {
      closed = true;
      queue.length = 0;
    },
  };
}
