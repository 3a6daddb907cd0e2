/** Where the host of a command is read: before, between and behind its words, and in `pool`. */

import { expect, test } from 'vitest';

import { takeHostFlag } from './host-flag.ts';

test.each([
  ['-H rig ps --json', { host: 'rig', rest: ['ps', '--json'] }],
  ['ps --host=rig --json', { host: 'rig', rest: ['ps', '--json'] }],
  ['ps -H a -H b', { host: 'b', rest: ['ps'] }],
  ['-H rig worker run --host 0.0.0.0', { host: 'rig', rest: ['worker', 'run', '--host', '0.0.0.0'] }],
  ['worker run -- -H a', { host: null, rest: ['worker', 'run', '--', '-H', 'a'] }],
])('%s', (line, expected) => {
  expect(takeHostFlag(line.split(' '))).toEqual({ bare: 'refused', ...expected });
});

test.each([
  ['pool rig models ls', ['models', 'ls']],
  ['pool rig worker run --port 1', ['worker', 'run', '--port', '1']],
  ['pool rig worker run --host 0.0.0.0', ['worker', 'run', '--host', '0.0.0.0']],
  ['pool rig models info -- -x', ['models', 'info', '--', '-x']],
  ['pool rig git pull', ['checkout', 'pull']],
  ['pool rig update', ['checkout', 'update']],
])('%s is a command of that machine', (line, rest) => {
  expect(takeHostFlag(line.split(' '))).toEqual({ host: 'rig', bare: 'ssh', rest });
});

test('pool without a verb is left to its own help', () => {
  expect(takeHostFlag(['pool', 'rig'])).toEqual({ host: null, bare: 'refused', rest: ['pool', 'rig'] });
  expect(takeHostFlag(['pool', '--help'])).toEqual({ host: null, bare: 'refused', rest: ['pool', '--help'] });
});

test('-H without an address says so', () => {
  expect(() => takeHostFlag(['ps', '-H'])).toThrow('-H needs an address');
});
