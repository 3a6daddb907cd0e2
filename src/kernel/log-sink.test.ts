import { closeSync, openSync } from 'node:fs';

import { expect, test } from 'vitest';

import { logSink } from './log-sink.ts';

test.runIf(process.platform === 'linux')('a line for which the disk has no room is lost, and nobody waits', () => {
  const full = openSync('/dev/full', 'w');
  const sink = logSink(full);

  expect(() => sink.write('{"msg":"one"}\n')).not.toThrow();

  closeSync(full);
});

test('after a line that was cut the next one begins anew', () => {
  const room = [6, 0, 100, 100];
  let text = '';
  const sink = logSink(1, (bytes) => {
    const taken = Math.min(room.shift() ?? 0, bytes.length);
    if (taken === 0) throw new Error('ENOSPC');
    text += bytes.subarray(0, taken).toString();
    return taken;
  });

  sink.write('{"msg":"one"}\n');
  sink.write('{"msg":"two"}\n');
  sink.write('{"msg":"three"}\n');

  expect(text).toBe('{"msg"\n{"msg":"two"}\n{"msg":"three"}\n');
});
