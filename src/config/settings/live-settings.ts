/**
 * The settings that a running daemon goes by. What may change under it is taken over when it reads them again; all else
 * stays as it was at its start, and is told as waiting for a restart.
 */

import { loadSettings } from './load-settings.ts';
import type { SettingSources } from './load-settings.ts';
import { invalidConfig } from '../reading/problem.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';
import type { SettingName, Settings } from './settings.ts';

/** Keys of the file. */
export interface Reloaded {
  readonly applied: readonly string[];
  readonly needsRestart: readonly string[];
}

export interface LiveSettings {
  current(): Settings;
  /** Reads file and environment again. Throws CONFIG_INVALID, and then nothing has changed. */
  reload(): Reloaded;
  /** Hears of each change, after it is in `current()`. */
  onChange(listener: (settings: Settings) => void): void;
}

/** Throws CONFIG_INVALID when they cannot be read. */
export function createLiveSettings(sources: SettingSources): LiveSettings {
  let current = read(sources);
  const listeners: ((settings: Settings) => void)[] = [];
  return {
    current: () => current,
    onChange: (listener) => void listeners.push(listener),
    reload() {
      const next = read(sources);
      const changed = SETTING_NAMES.filter((name) => !isEqual(next[name], current[name]));
      const live = changed.filter((name) => SETTINGS[name].counts === 'live');
      current = { ...current, ...pick(next, live) };
      if (live.length > 0) for (const listener of listeners) listener(current);
      const waiting = changed.filter((name) => SETTINGS[name].counts === 'after-restart');
      return { applied: live.map(keyOf), needsRestart: waiting.map(keyOf) };
    },
  };
}

function read(sources: SettingSources): Settings {
  const loaded = loadSettings(sources);
  if (loaded.kind === 'loaded') return loaded.settings;
  throw invalidConfig(loaded.problems);
}

function pick(settings: Settings, names: readonly SettingName[]): Partial<Settings> {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function keyOf(name: SettingName): string {
  return SETTINGS[name].key;
}
