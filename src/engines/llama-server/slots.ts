/** Reads llama-server's `/slots`. Pure; a body of another shape is null, never an exception. */

import type { SlotReading, SlotsReading } from '../engine.ts';

type Fields = Readonly<Record<string, unknown>>;

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // not JSON is an expected answer of a foreign server
  }
}

function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** `next_token` is an object in older builds and a list with one object in newer ones. */
function tokensDecoded(slot: Fields): number | null {
  const next = Array.isArray(slot['next_token']) ? slot['next_token'][0] : slot['next_token'];
  return asNumber(asFields(next)?.['n_decoded']);
}

function readSlot(value: unknown, position: number): SlotReading {
  const slot = asFields(value) ?? {};
  return {
    id: asNumber(slot['id']) ?? position,
    busy: slot['is_processing'] === true,
    contextSize: asNumber(slot['n_ctx']),
    taskId: asNumber(slot['id_task']),
    promptTokensDone: asNumber(slot['n_prompt_tokens_processed']),
    tokensDecoded: tokensDecoded(slot),
  };
}

export function parseSlots(body: string): SlotsReading | null {
  const list = parseJson(body);
  if (!Array.isArray(list)) return null;
  const slots = list.map(readSlot);
  return { total: slots.length, busy: slots.filter((slot) => slot.busy).length, slots };
}
