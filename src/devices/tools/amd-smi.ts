/**
 * What `amd-smi` prints as JSON, read: `static` names the cards, `metric` measures them. ROCm 6 answers with a list,
 * ROCm 7 with `{gpu_data: [...]}`. Pure.
 */

import { readingOf } from '../device.ts';
import type { DeviceReading } from '../device.ts';
import { amountIn, dig, isRecord, jsonIn, textIn } from './values.ts';

const TOOL = 'amd-smi';

/** By the number of the card. */
type AmdCards = ReadonlyMap<number, unknown>;

/** Throws when the answer is none of the two shapes. */
export function parseAmdCards(stdout: string): AmdCards {
  const answer = jsonIn(TOOL, stdout);
  const list = Array.isArray(answer) ? answer : dig(answer, 'gpu_data');
  if (!Array.isArray(list)) throw new Error(`${TOOL}: its answer lists no cards`);
  return new Map(list.filter(isRecord).map((card: Readonly<Record<string, unknown>>) => [Number(card['gpu']), card]));
}

export function readAmdCards(facts: AmdCards, metrics: AmdCards): readonly DeviceReading[] {
  return [...facts].map(([number, card], position) => toReading(position, card, metrics.get(number)));
}

function toReading(position: number, card: unknown, metric: unknown): DeviceReading {
  const total = dig(metric, 'mem_usage', 'total_vram') ?? dig(card, 'vram', 'size');
  return readingOf({
    id: `amd${position}`,
    kind: 'amd',
    name: textIn(dig(card, 'asic', 'market_name')) ?? textIn(dig(card, 'board', 'product_name')) ?? 'AMD GPU',
    uuid: amdUuid(textIn(dig(card, 'asic', 'asic_serial'))),
    backendNames: [`ROCm${position}`],
    index: position,
    totalBytes: bytesIn(total) ?? 0,
    observedBytes: bytesIn(dig(metric, 'mem_usage', 'used_vram')),
    temperatureC: amountIn(dig(metric, 'temperature', 'edge')) ?? amountIn(dig(metric, 'temperature', 'hotspot')),
    powerW: amountIn(dig(metric, 'power', 'socket_power')) ?? amountIn(dig(metric, 'power', 'average_socket_power')),
    powerLimitW: powerLimit(card),
    utilisationPercent: amountIn(dig(metric, 'usage', 'gfx_activity')),
  });
}

function powerLimit(card: unknown): number | null {
  return (
    amountIn(dig(card, 'limit', 'socket_power_limit')) ??
    amountIn(dig(card, 'limit', 'ppt0', 'socket_power_limit')) ??
    amountIn(dig(card, 'limit', 'max_power'))
  );
}

const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Its MB are of 1024 × 1024 bytes; a number without a unit is MB. */
function bytesIn(value: unknown): number | null {
  const amount = amountIn(value);
  return amount === null ? null : amount * (UNIT_BYTES[textIn(dig(value, 'unit')) ?? 'MB'] ?? 1024 ** 2);
}

/** The id that `ROCR_VISIBLE_DEVICES` takes: `GPU-` and the sixteen digits of the card's serial. */
export function amdUuid(serial: string | null): string | null {
  const digits = /^0x([0-9a-f]{1,16})$/i.exec(serial ?? '')?.[1];
  return digits === undefined || /^0+$/.test(digits) ? null : `GPU-${digits.toLowerCase().padStart(16, '0')}`;
}
