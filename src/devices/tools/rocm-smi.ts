/** What `rocm-smi` prints, read: a record per card, as JSON or, by older ones, as CSV with the same keys. Pure. */

import { readingOf } from '../device.ts';
import type { DeviceReading } from '../device.ts';
import { amdUuid } from './amd-smi.ts';
import { isRecord, jsonIn, numberIn, textIn } from './values.ts';

export const ROCM_ARGS = [
  '--showproductname',
  '--showuniqueid',
  '--showmeminfo',
  'vram',
  '--showtemp',
  '--showpower',
  '--showmaxpower',
  '--showuse',
];

type Card = Readonly<Record<string, unknown>>;

/** Throws when the answer is neither. */
export function parseRocmSmi(stdout: string): readonly DeviceReading[] {
  const cards = /^device,/m.test(stdout) ? csvCards(stdout) : jsonCards(stdout);
  return cards.map(toReading);
}

function jsonCards(stdout: string): readonly Card[] {
  const answer = jsonIn('rocm-smi', stdout);
  if (!isRecord(answer)) return [];
  return Object.entries(answer)
    .filter(([key]) => /^card\d+$/.test(key))
    .map(([, card]) => card)
    .filter(isRecord);
}

function csvCards(stdout: string): readonly Card[] {
  const [head = '', ...rows] = stdout.slice(stdout.search(/^device,/m)).split('\n');
  const keys = head.split(',');
  return rows
    .filter((row) => /^card\d+,/.test(row))
    .map((row) => Object.fromEntries(row.split(',').map((cell, at) => [keys[at] ?? '', cell])));
}

function toReading(card: Card, position: number): DeviceReading {
  const text = (...keys: readonly RegExp[]): string | null => firstOf(card, keys);
  const measure = (...keys: readonly RegExp[]): number | null => numberIn(text(...keys));
  return readingOf({
    id: `amd${position}`,
    kind: 'amd',
    name: text(/^card series$/i, /^device name$/i, /^card model$/i) ?? 'AMD GPU',
    uuid: amdUuid(text(/^unique id$/i)),
    backendNames: [`ROCm${position}`],
    index: position,
    totalBytes: measure(/^vram total memory/i) ?? 0,
    observedBytes: measure(/^vram total used memory/i),
    temperatureC: measure(/^temperature .*edge/i, /^temperature .*junction/i, /^temperature/i),
    powerW: measure(/^average graphics package power/i, /^current socket graphics package power/i),
    powerLimitW: measure(/^max graphics package power/i),
    utilisationPercent: measure(/^gpu use/i),
  });
}

/** The value of the first key that has one. */
function firstOf(card: Card, keys: readonly RegExp[]): string | null {
  for (const key of keys) {
    const entry = Object.entries(card).find(([name, value]) => key.test(name) && textIn(value) !== null);
    if (entry !== undefined) return textIn(entry[1]);
  }
  return null;
}
