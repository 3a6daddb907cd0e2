import { expect, test } from 'vitest';

import { stuckLevel } from './stuck.ts';
import type { WatchedWorker } from './stuck.ts';

const MINUTE = 60_000;
const rules = { afterMs: 20 * MINUTE, stepMs: 2 * MINUTE };

function worker(quietMs: number, more: Partial<WatchedWorker> = {}, paused = false): WatchedWorker {
  return { report: { quietMs, paused }, constrained: false, told: null, ...more };
}

const told = (level: 'abort' | 'kill' | 'manual', at: number) => ({ told: { cause: 'stuck', level, at } }) as const;

test.each([
  ['twenty minutes of silence', worker(20 * MINUTE), 'abort'],
  ['less', worker(20 * MINUTE - 1), null],
  ['silence while it is stopped', worker(30 * MINUTE, {}, true), null],
  ['silence on a constrained device', worker(30 * MINUTE, { constrained: true }), null],
  ['an abort two minutes ago', worker(22 * MINUTE, told('abort', 0)), 'kill'],
  ['an abort just now', worker(22 * MINUTE, told('abort', 1)), null],
  ['a kill two minutes ago', worker(24 * MINUTE, told('kill', 0)), 'manual'],
  ['a kill two minutes ago, and words since', worker(0, told('kill', 0)), 'manual'],
  ['a person who was asked', worker(60 * MINUTE, told('manual', -100 * MINUTE)), null],
])('%s', (_what, watched, level) => {
  expect(stuckLevel(watched, rules, 2 * MINUTE)).toBe(level);
});

test('who was told to stop after this attempt is watched like any other', () => {
  const watched = worker(20 * MINUTE, { told: { cause: 'person', level: 'stop', at: 0 } });

  expect(stuckLevel(watched, rules, 0)).toBe('abort');
});
