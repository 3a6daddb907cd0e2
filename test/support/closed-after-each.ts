/** What the tests of a file open is closed behind each of them, the last one first. */

import { afterEach } from 'vitest';

/** Called once, at the top of a file. Answers what notes a part, and hands it back. */
export function closedAfterEach(): <T extends AsyncDisposable>(part: T) => T {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).toReversed()) await part[Symbol.asyncDispose]();
  });
  return (part) => {
    open.push(part);
    return part;
  };
}
