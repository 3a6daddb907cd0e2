/** Tells subscribers what has happened. A subscriber cannot throw into a publisher. */

export interface Bus<E> {
  publish(event: E): void;
  /** Dispose of the answer to stop listening. */
  subscribe(listener: (event: E) => void): Disposable;
}

export function createBus<E>(onError: (error: unknown) => void): Bus<E> {
  const listeners = new Set<(event: E) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
