/** Which commands run on the machine that -H names, and which ask its controller from here. */

import { expect, test } from 'vitest';

import { isOfMachine } from './machine-commands.ts';

test.each(['config set port 1', 'init a -m demo', 'daemon logs -f', 'worker run --port 1', 'doctor', 'secrets ls'])(
  '"%s" is about the machine',
  (line) => {
    expect(isOfMachine(line.split(' '))).toBe(true);
  },
);

test.each(['ps', 'daemon status', 'worker list', 'models ls', 'config --help', 'daemon', 'context ls', ''])(
  '"%s" is not',
  (line) => {
    expect(isOfMachine(line.split(' '))).toBe(false);
  },
);
