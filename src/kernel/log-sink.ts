/** Where the lines of a log go. One that cannot be written is lost, and nothing else: a full disk must stop no daemon. */

import { writeSync } from 'node:fs';

import type { DestinationStream } from 'pino';

/** How many of these bytes were written; throws when none can be. */
type Write = (bytes: Buffer) => number;

export function logSink(fd: number, write: Write = (bytes) => writeSync(fd, bytes)): DestinationStream {
  let isCut = false;
  return {
    write(line) {
      let rest = Buffer.from(isCut ? `\n${line}` : line);
      const whole = rest.length;
      try {
        while (rest.length > 0) rest = rest.subarray(write(rest));
        isCut = false;
      } catch {
        // What is left of a line that was begun is no line: the next one stands below it.
        isCut ||= rest.length < whole;
      }
    },
  };
}
