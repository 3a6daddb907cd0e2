/** Reads llama-server's `/slots`. Pure; a body of another shape is null, never an exception. */

import type { SlotReading, SlotsReading } from '../engine.ts';
import { asFields, asNumber, parseJson } from './answer.ts';
import type { Fields } from './answer.ts';

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
