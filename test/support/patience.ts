/** Waiting in tests: as long as the slowest machine may need, and an error with what was seen instead of a bare timeout. */

import { inspect } from 'node:util';

/** Shorter than a test may take, so that the wait ends first and tells. */
export const PATIENCE_MS = 120_000;

/** For what has to happen at once: far less than what it would take by itself, more than a busy machine needs. */
export const AT_ONCE_MS = 8_000;

const LOOK_EVERY_MS = 25;
const LONGEST_SIGHT = 4_000;

/** Looks again and again until what is seen is what is wanted. */
export async function until<T>(
  look: () => T | Promise<T>,
  isTrue: (value: T) => boolean = Boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let seen: unknown = 'nothing yet';
  let isOver = false;
  const looking = async (): Promise<T> => {
    for (;;) {
      const value = await look();
      if (isOver || isTrue(value)) return value;
      seen = value;
      await new Promise((next) => setTimeout(next, LOOK_EVERY_MS));
    }
  };
  try {
    return await within(looking(), () => (typeof seen === 'boolean' ? look.toString() : seen), patienceMs);
  } finally {
    isOver = true;
  }
}

/** What is awaited; after the patience it rejects with what there was instead. */
export async function within<T>(awaited: Promise<T>, seen: () => unknown, patienceMs = PATIENCE_MS): Promise<T> {
  const { stack = '' } = new Error('asked here');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(waitedInVain(seen(), patienceMs, stack)), patienceMs);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** With the stack of whoever waited: a timer has none. */
function waitedInVain(seen: unknown, patienceMs: number, asked: string): Error {
  const shown = inspect(seen, { depth: 6, breakLength: 160 }).slice(0, LONGEST_SIGHT);
  const error = new Error(`waited ${patienceMs / 1_000} s in vain; seen last: ${shown}`);
  error.stack = `${error.name}: ${error.message}\n${asked.split('\n').slice(1).join('\n')}`;
  return error;
}
