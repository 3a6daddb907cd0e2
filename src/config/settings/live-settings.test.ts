import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { createLiveSettings } from './live-settings.ts';
import type { Settings } from './settings.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'drover-live-'))));
afterEach(() => rmSync(home, { recursive: true }));

const file = (value: unknown): void => writeFileSync(join(home, 'config.json'), JSON.stringify(value));

test('what may change is taken over and told; what may not waits for a restart', () => {
  const live = createLiveSettings({ home, env: {} });
  const heard: Settings[] = [];
  live.onChange((settings) => heard.push(settings));

  file({ queue_timeout: '7s', port: 9000, autostart: false });
  const reloaded = live.reload();

  expect(reloaded).toEqual({ applied: ['queue_timeout'], needsRestart: ['port'] });
  expect(live.current()).toMatchObject({ queueTimeoutMs: 7_000, port: 8080 });
  expect(heard).toEqual([live.current()]);
});

test('what waits for a restart is told each time, and what is applied once', () => {
  const live = createLiveSettings({ home, env: {} });
  file({ queue_timeout: '7s', port: 9000 });
  live.reload();

  expect(live.reload()).toEqual({ applied: [], needsRestart: ['port'] });
});

test('a file that cannot be used changes nothing', () => {
  const live = createLiveSettings({ home, env: {} });
  const before = live.current();
  file({ queue_timeout: '7s', prot: 1 });

  expect(() => live.reload()).toThrow('unknown setting');
  expect(live.current()).toBe(before);
});

test('a variable stays above the file', () => {
  const live = createLiveSettings({ home, env: { DROVER_LOG_LEVEL: 'warn' } });
  file({ log_level: 'debug' });

  expect(live.reload().applied).toEqual([]);
  expect(live.current().logLevel).toBe('warn');
});
