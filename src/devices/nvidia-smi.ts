/** What `nvidia-smi` prints, read: the table of cards, and the parts of those that are divided (MIG). Pure. */

import { readingOf } from './device.ts';
import type { DeviceReading } from './device.ts';
import { numberIn } from './values.ts';

/** The name comes last: it alone may hold a comma. */
const FIELDS = [
  'index',
  'uuid',
  'memory.total',
  'memory.used',
  'temperature.gpu',
  'power.draw',
  'power.limit',
  'utilization.gpu',
  'name',
] as const;

export const TABLE_ARGS = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];

const MIB = 1024 * 1024;

/**
 * The cards of the table. Whatever one does not tell (`[N/A]`) is null; `hostBytes` stands in for the total of one
 * that shares the host's memory. Throws when the text is neither a table nor says that there are no cards.
 */
export function parseTable(output: string, hostBytes: number): readonly DeviceReading[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const readings = lines.map((line) => parseRow(line, hostBytes)).filter((reading) => reading !== null);
  if (readings.length === 0 && lines.length > 0 && !/no devices/i.test(output)) {
    throw new Error(`nvidia-smi: its answer is no table: ${JSON.stringify(lines[0]?.slice(0, 80))}`);
  }
  return readings;
}

function parseRow(line: string, hostBytes: number): DeviceReading | null {
  const [index, uuid, total, used, temperature, power, powerLimit, utilisation, ...name] = line.split(/\s*,\s*/);
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
  });
}

function bytesOf(mebibytes: string | undefined): number | null {
  const value = numberIn(mebibytes);
  return value === null ? null : value * MIB;
}

/** A part of a divided card, as `nvidia-smi -L` lists it. */
export interface CardPart {
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
