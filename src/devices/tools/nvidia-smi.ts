/** What `nvidia-smi` prints, read: the table of cards, and the parts of those that are divided (MIG). Pure. */

import { readingOf } from '../device.ts';
import type { DeviceReading } from '../device.ts';
import { numberIn } from './values.ts';

const BASIC_FIELDS = [
  'index',
  'uuid',
  'memory.total',
  'memory.used',
  'temperature.gpu',
  'power.draw',
  'power.limit',
  'utilization.gpu',
] as const;
const FURTHER_FIELDS = [
  'clocks.current.sm',
  'clocks.current.memory',
  'clocks_throttle_reasons.active',
  'pcie.link.gen.max',
  'pcie.link.width.current',
] as const;

/** Old drivers refuse a question with fields that they do not know. */
export type Detail = 'full' | 'basic';

const CSV = '--format=csv,noheader,nounits';

/** The name comes last: it alone may hold a comma. */
export function tableArgs(detail: Detail): readonly string[] {
  const fields = [...BASIC_FIELDS, ...(detail === 'full' ? FURTHER_FIELDS : []), 'name'];
  return [`--query-gpu=${fields.join(',')}`, CSV];
}

export const PROCESS_ARGS = ['--query-compute-apps=gpu_uuid,pid,used_gpu_memory', CSV];

const MIB = 1024 * 1024;

/**
 * The cards of the table. Whatever one does not tell (`[N/A]`) is null; `hostBytes` stands in for the total of one
 * that shares the host's memory. Throws when the text is neither a table nor says that there are no cards.
 */
export function parseTable(output: string, hostBytes: number, detail: Detail = 'full'): readonly DeviceReading[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const readings = lines.map((line) => parseRow(line, hostBytes, detail)).filter((reading) => reading !== null);
  if (readings.length === 0 && lines.length > 0 && !/no devices/i.test(output)) {
    throw new Error(`nvidia-smi: its answer is no table: ${JSON.stringify(lines[0]?.slice(0, 80))}`);
  }
  return readings;
}

function parseRow(line: string, hostBytes: number, detail: Detail): DeviceReading | null {
  const cells = line.split(/\s*,\s*/);
  const [index, uuid, total, used, temperature, power, powerLimit, utilisation] = cells;
  const further =
    detail === 'full' ? cells.slice(BASIC_FIELDS.length, BASIC_FIELDS.length + FURTHER_FIELDS.length) : [];
  const [coreClock, memoryClock, throttle, generation, width] = further;
  const name = cells.slice(BASIC_FIELDS.length + further.length);
  const position = numberIn(index);
  if (position === null || utilisation === undefined) return null;
  return readingOf({
    id: `gpu${position}`,
    kind: 'nvidia',
    name: name.join(', ').trim() || 'NVIDIA GPU',
    uuid: uuid?.startsWith('GPU-') ? uuid : null,
    backendNames: [`CUDA${position}`],
    index: position,
    totalBytes: bytesOf(total) ?? hostBytes,
    observedBytes: bytesOf(used),
    temperatureC: numberIn(temperature),
    powerW: numberIn(power),
    powerLimitW: numberIn(powerLimit),
    utilisationPercent: numberIn(utilisation),
    coreClockMhz: numberIn(coreClock),
    memoryClockMhz: numberIn(memoryClock),
    throttleReasons: throttleReasonsIn(throttle),
    pcieGeneration: numberIn(generation),
    pcieWidth: numberIn(width),
  });
}

/** By bit; idleness (bit 0) is no throttling. */
const THROTTLE_REASONS: readonly (readonly [number, string])[] = [
  [0x2, 'applications_clocks_setting'],
  [0x4, 'sw_power_cap'],
  [0x8, 'hw_slowdown'],
  [0x10, 'sync_boost'],
  [0x20, 'sw_thermal_slowdown'],
  [0x40, 'hw_thermal_slowdown'],
  [0x80, 'hw_power_brake_slowdown'],
  [0x100, 'display_clock_setting'],
];

function throttleReasonsIn(mask: string | undefined): readonly string[] {
  const bits = /^0x[0-9a-f]+$/i.test(mask ?? '') ? Number(mask) : 0;
  // The mask is wider than 32 bits; the reasons are not.
  return THROTTLE_REASONS.flatMap(([bit, reason]) => (Math.floor(bits / bit) % 2 === 1 ? [reason] : []));
}

/** Bytes by pid, by the UUID of the card. What a driver does not tell is left out. */
export function parseProcesses(output: string): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const cards = new Map<string, Map<number, number>>();
  for (const line of output.split('\n')) {
    const [uuid, pid, used] = line.trim().split(/\s*,\s*/);
    const bytes = bytesOf(used);
    if (!uuid?.startsWith('GPU-') || pid === undefined || bytes === null) continue;
    const card = cards.get(uuid) ?? new Map<number, number>();
    cards.set(uuid, card.set(Number(pid), (card.get(Number(pid)) ?? 0) + bytes));
  }
  return cards;
}

function bytesOf(mebibytes: string | undefined): number | null {
  const value = numberIn(mebibytes);
  return value === null ? null : value * MIB;
}

/** A part of a divided card, as `nvidia-smi -L` lists it. */
interface CardPart {
  /** Of the card. */
  readonly card: number;
  /** Of the part within its card. */
  readonly index: number;
  /** E.g. `3g.20gb`. */
  readonly profile: string;
  readonly uuid: string;
}

export function parseParts(list: string): readonly CardPart[] {
  let card = -1;
  const parts: CardPart[] = [];
  for (const line of list.split('\n')) {
    card = Number(/^GPU (\d+):/.exec(line)?.[1] ?? card);
    const [, profile, index, uuid] = /^\s+MIG\s+(\S+)\s+Device\s+(\d+):\s+\(UUID:\s*([^)]+)\)/.exec(line) ?? [];
    if (profile !== undefined && uuid !== undefined) parts.push({ card, index: Number(index), profile, uuid });
  }
  return parts;
}

/** Puts the parts in the place of their cards. `details` is the answer of `nvidia-smi -q -x`, which knows their memory. */
export function divideCards(
  cards: readonly DeviceReading[],
  parts: readonly CardPart[],
  details: string,
): readonly DeviceReading[] {
  const memory = partMemory(details);
  return cards.flatMap((card) => {
    const own = parts.filter((part) => part.card === card.index);
    return own.length === 0 ? [card] : own.map((part) => toReading(card, part, memory.get(keyOf(part)) ?? null));
  });
}

interface PartMemory {
  readonly totalBytes: number;
  readonly observedBytes: number | null;
}

/** Temperature and power are the card's: nothing measures them for a part. */
function toReading(card: DeviceReading, part: CardPart, memory: PartMemory | null): DeviceReading {
  return {
    ...card,
    id: `${card.id}-mig${part.index}`,
    name: `${card.name} MIG ${part.profile}`,
    uuid: part.uuid,
    backendNames: [],
    totalBytes: memory?.totalBytes ?? gigabytesOf(part.profile),
    observedBytes: memory?.observedBytes ?? null,
    utilisationPercent: null,
  };
}

/** `3g.20gb` is 20 GB, for a driver that tells no more. */
function gigabytesOf(profile: string): number {
  return (numberIn(/(\d+)gb/.exec(profile)?.[1]) ?? 0) * 1024 * MIB;
}

function keyOf({ card, index }: Pick<CardPart, 'card' | 'index'>): string {
  return `${card}/${index}`;
}

function partMemory(details: string): ReadonlyMap<string, PartMemory> {
  const found = new Map<string, PartMemory>();
  for (const [card, section] of sections(details, /<gpu id=/).entries()) {
    for (const part of sections(section, /<mig_device>/)) {
      const totalBytes = bytesOf(/<total>([^<]+)<\/total>/.exec(part)?.[1]);
      const index = numberIn(/<index>([^<]+)<\/index>/.exec(part)?.[1]);
      const observedBytes = bytesOf(/<used>([^<]+)<\/used>/.exec(part)?.[1]);
      if (index !== null && totalBytes !== null) found.set(keyOf({ card, index }), { totalBytes, observedBytes });
    }
  }
  return found;
}

/** What lies behind each opening tag, up to the next. */
function sections(text: string, opening: RegExp): readonly string[] {
  return text.split(opening).slice(1);
}
