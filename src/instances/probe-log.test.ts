/** Which health checks are told, and which are not worth it. */

import { expect, test } from 'vitest';

import type { ProbeRecord } from '../contract/index.ts';
import { createProbeLog } from './probe-log.ts';

const probeAt = (at: number, health: ProbeRecord['health'] = 'healthy', name = 'qwen'): ProbeRecord => ({
  name,
  at,
  health,
  detail: null,
  latencyMs: 1,
});

test('each check is told once, in order', () => {
  const log = createProbeLog();
  log.add(probeAt(0));
  log.add(probeAt(10_000));

  expect(log.take().map((probe) => probe.at)).toEqual([0, 10_000]);
  expect(log.take()).toEqual([]);
});

test('looks at a loading engine that follow each other closely and say the same are one', () => {
  const log = createProbeLog();
  log.add(probeAt(0, 'loading'));
  log.add(probeAt(25, 'loading'));
  log.add(probeAt(30, 'loading', 'other'));
  log.add(probeAt(50, 'healthy'));

  expect(log.take().map((probe) => probe.at)).toEqual([0, 30, 50]);
});

test('while no controller takes them, only the newest are kept', () => {
  const log = createProbeLog(10);
  for (let at = 0; at < 25; at++) log.add(probeAt(at * 10_000));

  const times = log.take().map((probe) => probe.at);

  expect(times.length).toBeLessThanOrEqual(10);
  expect(times.at(-1)).toBe(240_000);
});
