/** One setting at a time, by its key in the file: what it is, and the text of the file with another value. Pure. */

import { AppError } from '../../contract/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';
import type { SettingName, Settings } from './settings.ts';

/** Throws INVALID_REQUEST for a key that there is not. */
export function settingNamed(key: string): SettingName {
  const name = SETTING_NAMES.find((each) => SETTINGS[each].key === key);
  if (name !== undefined) return name;
  const keys = SETTING_NAMES.map((each) => SETTINGS[each].key);
  throw new AppError('INVALID_REQUEST', `there is no setting "${key}"`, {
    hint: didYouMean(key, keys) ?? `settings: ${keys.join(', ')}`,
  });
}

/** The value as the file holds it. Throws INVALID_REQUEST when the setting cannot have it. */
export function settingFromText(name: SettingName, text: string): string | number | boolean {
  const raw = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  const reading = SETTINGS[name].kind.read(raw);
  if ('problem' in reading) {
    throw new AppError('INVALID_REQUEST', `${SETTINGS[name].key} ${reading.problem}`, {
      hint: 'nothing was written',
    });
  }
  return typeof reading.value === 'boolean' ? reading.value : raw;
}

/** The value as a person would write it: durations with their unit. */
export function settingToText(name: SettingName, value: Settings[SettingName]): string {
  if (value === null) return '-';
  if (typeof value === 'object') return listText(value);
  return name.endsWith('Ms') && typeof value === 'number' ? durationText(value) : String(value);
}

/** As it can be set again. */
function listText(value: readonly string[] | object): string {
  const parts = isList(value) ? value : Object.entries(value).flatMap(([name, said]) => pairText(name, said));
  return parts.length === 0 ? '-' : parts.join(',');
}

function pairText(name: string, said: unknown): string[] {
  if (said === null) return [];
  if (!Array.isArray(said)) return [`${name}=${String(said)}`];
  return [`${name}=${said.length === 0 ? 'off' : said.join('+')}`];
}

function isList(value: readonly string[] | object): value is readonly string[] {
  return Array.isArray(value);
}

/** Exact, so that it can be set again as it was shown. */
function durationText(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
